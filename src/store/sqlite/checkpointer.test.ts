import assert from "node:assert/strict";
import { mkdtempSync, statSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { createCheckpointer } from "./checkpointer.ts";
import { openConnection } from "./connection.ts";

const folder = mkdtempSync(join(tmpdir(), "millrace-checkpoints-"));
after(() => rm(folder, { recursive: true }));

describe("the checkpointer", () => {
  it("copies what is committed while another connection is in the middle of a write, also after a rest", async () => {
    const path = join(folder, "t.db");
    const writer = openConnection({ path, durability: "normal", readOnly: false });
    const checkpointer = createCheckpointer({ path, durability: "normal", slowMs: 1_000 });
    writer.exec("create table t (body text)");
    const insert = writer.prepare("insert into t values (?)");
    for (let round = 1; round <= 3; round++) {
      insert.run("x".repeat(1_000_000));
      writer.exec("begin immediate");
      insert.run("y");
      await Promise.all([checkpointer.checkpoint(), checkpointer.checkpoint()]);
      assert.ok(statSync(path).size > round * 1_000_000, `${statSync(path).size} bytes after round ${round}`);
      writer.exec("commit");
      if (round === 2) await checkpointer.rest();
    }
    await checkpointer.rest();
    await checkpointer.rest();
    writer.close();
  });

  it("says why a journal could not be copied, and tries anew the next time", async () => {
    const checkpointer = createCheckpointer({
      path: join(folder, "none", "t.db"),
      durability: "normal",
      slowMs: 1_000,
    });
    for (let round = 0; round < 2; round++) {
      await assert.rejects(checkpointer.checkpoint(), { code: "STORE_FAILED", message: /unable to open/ });
    }
    await checkpointer.rest();
  });
});
