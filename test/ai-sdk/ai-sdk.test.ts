import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify, stripVTControlCharacters } from "node:util";
import { createSimulator } from "../../simulator/index.ts";

const run = promisify(execFile);
const HERE = fileURLToPath(new URL(".", import.meta.url));
const COMPILER = fileURLToPath(new URL("../../node_modules/typescript/bin/tsc", import.meta.url));
// With it the suites would take themselves for files of this run, and not tell how they went.
const { NODE_TEST_CONTEXT: _context, ...environment } = process.env;
const options = {
  cwd: HERE,
  env: {
    ...environment,
    NODE_OPTIONS: "",
    PATH: `${dirname(process.execPath)}${delimiter}${process.env["PATH"] ?? ""}`,
  },
  timeout: 200_000,
  maxBuffer: 20_000_000,
};

/** Undefined when the `ai` package is there. Otherwise why not: with CI=true that fails. */
async function install(): Promise<string | undefined> {
  if (existsSync(join(HERE, "node_modules", ".package-lock.json"))) return undefined;
  try {
    await run("npm", ["ci", "--ignore-scripts"], options);
    return undefined;
  } catch (error) {
    if (process.env["CI"] === "true") throw error;
    return `the ai package could not be installed: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}`;
  }
}

/** Runs a program of Node and gives what it wrote; what it wrote is in the message when it fails. */
async function node(args: readonly string[], variables: NodeJS.ProcessEnv = {}): Promise<string> {
  try {
    const env = { ...options.env, ...variables };
    return stripVTControlCharacters((await run(process.execPath, args, { ...options, env })).stdout);
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { readonly stdout?: string; readonly stderr?: string };
    assert.fail(`${stdout}\n${stderr}`);
  }
}

describe("millrace/ai-sdk under the real ai package", { concurrency: true }, () => {
  let missing: string | undefined;
  before(async () => void (missing = await install()));

  it("does what its users expect of the middleware and the provider", async (test) => {
    if (missing !== undefined) return test.skip(missing);
    const flags = ["--conditions=millrace-source", "--test", "--test-isolation=none", "--test-reporter=tap"];
    const told = await node([
      ...flags,
      "--test-timeout=60000",
      "middleware.suite.mjs",
      "provider.suite.mjs",
      "clients.suite.mjs",
    ]);
    assert.match(told, /^# pass [1-9]\d*$/m);
    assert.match(told, /^# skipped 0$/m);
  });

  it("runs the examples that the guide shows", async (test) => {
    if (missing !== undefined) return test.skip(missing);
    await using simulator = createSimulator();
    const base = `${await simulator.start()}/v1`;
    const keys = { ANTHROPIC_API_KEY: "k", ANTHROPIC_BASE_URL: base, OPENAI_API_KEY: "k", OPENAI_BASE_URL: base };
    const guide = await readFile(new URL("../../docs/guide/ai-sdk.md", import.meta.url), "utf8");
    for (const [name, expected] of [
      ["middleware", /"source":"provider".*\n.*"source":"memory"/],
      ["provider", /\{"title":".+"\}\n\[ 1536, 1536 \]/],
    ] as const) {
      const file = fileURLToPath(new URL(`../../examples/ai-sdk/${name}.mjs`, import.meta.url));
      assert.ok(guide.includes((await readFile(file, "utf8")).trim()), `${name} is not what the guide shows`);
      assert.match(await node(["--conditions=millrace-source", "--import=./resolve-ai.mjs", file], keys), expected);
    }
  });

  it("has types that fit those of the ai package", async (test) => {
    if (missing !== undefined) return test.skip(missing);
    await node([COMPILER, "--noEmit", "-p", "tsconfig.json"]);
  });
});
