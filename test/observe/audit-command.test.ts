import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, describe, it } from "node:test";
import { commandsIn } from "../command.ts";

const folder = mkdtempSync(join(tmpdir(), "millrace-audit-command-"));
after(() => rmSync(folder, { recursive: true }));
const { millrace } = commandsIn(folder);
writeFileSync(
  join(folder, "millrace.config.ts"),
  `import { automation, defineConfig, on } from "millrace";
export default defineConfig({
  apps: { home: { sample: false } },
  automations: [automation("answer", { on: [on.manual()] }, async () => 42)],
});`,
);

interface Listed {
  readonly items: readonly { readonly actor: string; readonly action: string }[];
  readonly total: number;
}

describe("millrace audit", { timeout: 120_000 }, () => {
  it("lists what commands did, prints its head, and finds that the end was cut off", async () => {
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
});
