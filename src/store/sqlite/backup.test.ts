import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { createManualClock } from "../../core/manual-clock.ts";
import { backUp, restore } from "./backup.ts";
import { openSqliteStore } from "./open.ts";

const clock = createManualClock(Date.UTC(2026, 0, 1));

async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-backup-"));
  try {
    await body(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function idsIn(directory: string): Promise<string[]> {
  const store = await openSqliteStore({ directory, clock });
  const { runs } = await store.runs.list({ limit: 1_000 });
  await store.close();
  return runs.map(({ id }) => id).toReversed();
}

async function fill(directory: string, ids: readonly string[]): Promise<void> {
  const store = await openSqliteStore({ directory, clock });
  for (const id of ids) await store.runs.admit({ id, automation: "job", event: "{}", now: clock.now() });
  await store.close();
}

describe("backUp and restore", () => {
  it("copy a database while it is written, and bring it back", async () => {
    await withFolder(async (folder) => {
      const [data, file] = [join(folder, "data"), join(folder, "copy.db")];
      const store = await openSqliteStore({ directory: data, clock });
      await store.own();
      const admit = (id: string) => store.runs.admit({ id, automation: "job", event: "{}", now: clock.now() });
      await admit("1");
      const writes = Array.from({ length: 200 }, (_, index) => admit(`2-${String(index).padStart(3, "0")}`));
      await Promise.all([...writes, backUp({ directory: data, file })]);
      await admit("3");
      await assert.rejects(restore({ directory: data, file }), { code: "STORE_BUSY" });
      await store.close();
      const before = await idsIn(data);

      const { replaced } = await restore({ directory: data, file });
      const after = await idsIn(data);
      assert.ok(after.includes("1") && !after.includes("3"));
      assert.deepEqual(after, before.slice(0, after.length), "the copy is the database of one moment");
      assert.ok(replaced !== undefined && existsSync(replaced));
    });
  });

  it("bring a database into a folder that has none", async () => {
    await withFolder(async (folder) => {
      const [data, other, file] = [join(folder, "data"), join(folder, "other"), join(folder, "copy.db")];
      await fill(data, ["1", "2"]);
      await backUp({ directory: data, file });
      await fill(other, []);
      await rm(join(other, "millrace.db"));
      assert.deepEqual(await restore({ directory: other, file }), { replaced: undefined });
      assert.deepEqual(await idsIn(other), ["1", "2"]);
    });
  });

  it("refuse what is damaged or something else, and leave everything as it was", async () => {
    await withFolder(async (folder) => {
      const [data, file] = [join(folder, "data"), join(folder, "copy.db")];
      await fill(
        data,
        Array.from({ length: 300 }, (_, index) => String(index).padStart(4, "0")),
      );
      await backUp({ directory: data, file });
      await assert.rejects(backUp({ directory: data, file }), { code: "INPUT_INVALID" });
      await assert.rejects(backUp({ directory: folder, file: join(folder, "none") }), { code: "DATA_UNUSABLE" });
      await assert.rejects(backUp({ directory: data, file: join(folder, "none", "copy.db") }), {
        code: "INPUT_INVALID",
      });
      const bytes = readFileSync(file);
      bytes.fill(0x5a, 8_192, 40_000);
      writeFileSync(file, bytes);
      await assert.rejects(restore({ directory: data, file }), { code: "DATA_UNUSABLE" });
      writeFileSync(file, "no database at all");
      const asked = { code: "DATA_UNUSABLE", advice: /`millrace backup` made/ };
      await assert.rejects(restore({ directory: data, file }), asked);
      assert.equal((await idsIn(data)).length, 300);
      assert.equal(existsSync(join(data, "millrace.db.arriving")), false);
    });
  });
});
