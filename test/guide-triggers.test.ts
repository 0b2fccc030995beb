import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("..", import.meta.url));
const GUIDE = readFileSync(new URL("../docs/guide/triggers.md", import.meta.url), "utf8");
const BLOCKS = [...GUIDE.matchAll(/```ts\n(.*?)```/gs)].map(([, code = ""]) => code);

/** The guide's automations in one program, which drops files and sends deliveries, and tells what the runs gave. */
function toProgram(folder: string): string {
  const imports = BLOCKS.flatMap((block) => block.match(/^import .*$/gm) ?? []).filter(
    (line) => !line.includes('"millrace"'),
  );
  const bodies = BLOCKS.map((block) => block.replaceAll(/^import .*$/gm, "").replaceAll(/^export /gm, ""));
  return `
import { automation, loadConfig, on, openHost, readLines, systemClock } from "millrace";
import { createHmac } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
${imports.join("\n")}
process.chdir(${JSON.stringify(folder)});
process.env["GITHUB_WEBHOOK_SECRET"] = "a secret of the sender";
${bodies.join("\n")}
const config = await loadConfig({ environment: {}, cwd: process.cwd() });
const host = await openHost({ config, automations: [count, opened] });
mkdirSync("inbox/deep", { recursive: true });
await host.start();
async function ended(automation, many) {
  for (;;) {
    const { runs } = await host.store.runs.list({ automation, limit: 10 });
    if (runs.length >= many && runs.every(({ endedAt }) => endedAt !== null)) return runs.map(({ output }) => output).sort();
    await systemClock.sleep(10);
  }
}
writeFileSync("inbox/a.txt", "one\\ntwo\\n");
writeFileSync("inbox/deep/b.txt", "one\\n");
await ended("count", 2);
writeFileSync("inbox/a.txt", "one\\ntwo\\nthree");
const files = await ended("count", 3);
const body = Buffer.from(JSON.stringify({ action: "opened", issue: { title: "It breaks" } }));
const signature = "sha256=" + createHmac("sha256", "a secret of the sender").update(body).digest("hex");
const headers = { "x-hub-signature-256": signature, "x-github-delivery": "1" };
const answers = [];
for (let time = 0; time < 2; time++) answers.push(await host.engine.webhooks.receive("/github/issues", { headers, body }));
const hooks = await ended("issue.opened", 1);
console.log(JSON.stringify({ files, isNew: answers.map(({ isNew }) => isNew), hooks }));
await host.close();
`;
}

describe("docs/guide/triggers.md", () => {
  it(
    "shows automations that run by files and webhooks, and do not start themselves",
    { timeout: 180_000 },
    async () => {
      const folder = mkdtempSync(join(tmpdir(), "millrace-guide-"));
      try {
        assert.equal(BLOCKS.length, 2);
        const flags = ["--conditions=millrace-source", "--input-type=module-typescript", "--eval", toProgram(folder)];
        const { stdout } = await run(process.execPath, flags, { cwd: ROOT });
        assert.deepEqual(JSON.parse(stdout), {
          files: ['"added: 1 lines"', '"added: 2 lines"', '"changed: 3 lines"'],
          isNew: [true, false],
          hooks: ['"opened: It breaks"'],
        });
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  );
});
