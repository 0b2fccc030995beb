import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { commandsIn } from "../../test/command.ts";

describe("a command of an app", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "millrace-app-command-"));
    writeFileSync(
      join(folder, "events.csv"),
      "time,entity_id,state\n2026-01-01T10:00:00Z,light.hall,on\n2026-01-01T11:00:00Z,light.hall,off\n",
    );
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("answers with one line of JSON, and needs neither data nor a server", async () => {
    const { millrace } = commandsIn(folder);
    const { code, stdout } = await millrace("home", "mine", "--events", "events.csv", "--json");
    const { seconds, ...answer } = JSON.parse(stdout) as Record<string, unknown>;
    assert.deepEqual([code, answer, typeof seconds], [0, { rules: [], events: 2, days: 1 }, "number"]);
  });

  it("is misused without a flag that it needs, or with one that is wrong", async () => {
    const { millrace } = commandsIn(folder);
    const missing = await millrace("home", "mine", "--json");
    assert.equal(missing.code, 2);
    assert.match(missing.stdout, /--events/);
    const wrong = await millrace("home", "mine", "--events", "events.csv", "--until", "soon", "--json");
    assert.equal(wrong.code, 2);
    assert.match(wrong.stdout, /"INPUT_INVALID","message":"--until/);
  });
});
