import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("..", import.meta.url));
const GUIDE = readFileSync(new URL("../docs/guide/resilience.md", import.meta.url), "utf8");
const BLOCKS = [...GUIDE.matchAll(/```ts\n(.*?)```/gs)].map(([, code = ""]) => code);

/** All blocks as one module, each in a scope of its own. */
function toProgram(blocks: readonly string[]): string {
  const names = new Map<string, Set<string>>();
  const bodies = blocks.map((block) =>
    block.replaceAll(/^import \{ (.*) \} from "(.*)";$/gm, (_, imported: string, from: string) => {
      const known = names.get(from) ?? new Set();
      names.set(from, new Set([...known, ...imported.split(", ")]));
      return "";
    }),
  );
  const imports = [...names].map(([from, imported]) => `import { ${[...imported].join(", ")} } from "${from}";`);
  return [...imports, ...bodies.map((body) => `await (async () => {\n${body}\n})();`)].join("\n");
}

describe("docs/guide/resilience.md", () => {
  it("shows programs that run and print what it says", async () => {
    const said = BLOCKS.flatMap((block) =>
      [...block.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, text]) => text),
    );
    assert.ok(BLOCKS.length >= 8 && said.length >= BLOCKS.length, `${BLOCKS.length} blocks, ${said.length} outputs`);
    const flags = ["--conditions=millrace-source", "--input-type=module-typescript", "--eval", toProgram(BLOCKS)];
    const { stdout } = await run(process.execPath, flags, { cwd: ROOT });
    const printed = stdout.trim().split("\n");
    assert.deepEqual(
      printed.filter((line) => line !== "aborted 1"),
      said,
    );
    assert.ok(printed.includes("aborted 1"));
  });
});
