import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, describe, it } from "node:test";
import { commandsIn } from "../command.ts";

const CONFIG = `import { automation, defineConfig, on } from "millrace";
export default defineConfig({
  apps: { home: { sample: false } },
  automations: [automation("answer", { on: [on.manual()] }, async () => 42)],
});`;

function homeOf(name: string) {
  const folder = mkdtempSync(join(tmpdir(), `millrace-audit-${name}-`));
  after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "millrace.config.ts"), CONFIG);
  return { folder, ...commandsIn(folder) };
}

interface Listed {
  readonly items: readonly { readonly actor: string; readonly action: string }[];
  readonly total: number;
}

describe("millrace audit", { timeout: 120_000 }, () => {
  it("lists what commands did, prints its head, and finds that the end was cut off", async () => {
    const { folder, millrace } = homeOf("cut");
    assert.equal((await millrace("run", "answer", "--json")).code, 0);
    const listed = JSON.parse((await millrace("audit", "list", "--json")).stdout) as Listed;
    assert.deepEqual(listed.items.map(({ action }) => action).toSorted(), ["config.seen", "run.start"]);
    assert.ok(listed.items.some(({ actor }) => /^cli:\S+$/.test(actor)));
    const head = (await millrace("audit", "head")).stdout.trim();
    assert.match(head, /^2:[0-9a-f]{64}$/);
    const whole = await millrace("audit", "verify");
    assert.equal(whole.code, 0);
    assert.match(whole.stdout, /^The audit log is whole: 2 entries, checked against [1-9]/);

    const database = new DatabaseSync(join(folder, "data", "millrace.db"));
    database.exec("drop trigger audit_loses_none; delete from audit where seq = 2");
    database.close();
    const cut = await millrace("audit", "verify");
    assert.equal(cut.code, 1);
    assert.match(cut.stdout, /^The audit log is cut at row 2\./);
    // The file beside the data may be gone as well: the printed head still tells.
    rmSync(join(folder, "data", "audit-heads.ndjson"));
    assert.equal((await millrace("audit", "verify", "--head", head)).code, 1);
  });

  it("moves old entries to a file, and checks the rest with it and without", async () => {
    const { folder, millrace } = homeOf("archive");
    assert.equal((await millrace("run", "answer", "--json")).code, 0);
    const file = join(folder, "old.ndjson");
    const archived = await millrace("audit", "archive", "--before", "2200-01-01", "--to", file);
    assert.match(archived.stdout, /^Entries 1 to 2 are in .*old\.ndjson now \(SHA-256 [0-9a-f]{64}\)/);
    const rest = await millrace("audit", "verify");
    assert.match(rest.stdout, /^The audit log is whole from entry 3 to 3, checked against [1-9]/);
    const whole = await millrace("audit", "verify", "--archive", file);
    assert.match(whole.stdout, /^The audit log is whole: 3 entries, checked against [1-9]/);
    const again = await millrace("audit", "archive", "--before", "2200-01-01", "--to", file);
    assert.notEqual(again.code, 0);
    assert.match(again.stderr, /there is such a file already/);
  });
});
