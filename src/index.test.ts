import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, it } from "node:test";
import { promisify } from "node:util";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Lists every module that an import loads, as seen by a fresh process. */
const LIST_LOADED = `
import module from "node:module";
const loaded = [];
module.registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
await import("millrace");
console.log(JSON.stringify(loaded));
`;

describe("import from millrace", () => {
  it("loads no server, no database and no provider: a file of automations stays cheap", async () => {
    const args = ["--conditions=millrace-source", "--input-type=module", "--eval", LIST_LOADED];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT });
    const loaded = JSON.parse(stdout) as readonly string[];
    assert.ok(loaded.some((url) => url.endsWith("src/index.ts")));
    const heavy =
      /node_modules\/(fastify|undici|@ai-sdk|zod|pino|commander)|node:sqlite|src\/(http\/server|store\/sqlite|host)\b/;
    assert.deepEqual(
      loaded.filter((url) => heavy.test(url)),
      [],
    );
  });
});
