import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, delimiter } from "node:path";
import { before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify, stripVTControlCharacters } from "node:util";

const run = promisify(execFile);
const HERE = fileURLToPath(new URL(".", import.meta.url));
const isRequired = process.env["CI"] === "true";
const options = {
  cwd: HERE,
  env: {
    ...process.env,
    NODE_OPTIONS: "",
    NODE_TEST_CONTEXT: "",
    PATH: `${dirname(process.execPath)}${delimiter}${process.env["PATH"] ?? ""}`,
  },
  timeout: 240_000,
  maxBuffer: 20_000_000,
};

/** Undefined when the foreign suites are there. Otherwise why not: with CI=true that fails. */
async function install(): Promise<string | undefined> {
  if (existsSync(`${HERE}node_modules/.package-lock.json`)) return undefined;
  try {
    await run("npm", ["ci", "--ignore-scripts"], options);
    return undefined;
  } catch (error) {
    if (isRequired) throw error;
    return `the foreign test suites could not be installed: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}`;
  }
}

describe("foreign test suites", () => {
  let missing: string | undefined;
  before(async () => {
    missing = await install();
  });

  it("@keyv/test-suite passes on a cache behind Keyv", async (t) => {
    if (missing !== undefined) return t.skip(missing);
    const { stdout } = await run(
      process.execPath,
      ["node_modules/vitest/vitest.mjs", "run", "--globals", "--root", HERE, "keyv.suite.mjs"],
      options,
    ).catch(explain);
    const passed = /Tests\s+(\d+) passed/.exec(stripVTControlCharacters(stdout))?.[1];
    assert.ok(Number(passed) >= 42, stdout);
  });

  it("bentocache's driver suite passes on a cache behind a driver", async (t) => {
    if (missing !== undefined) return t.skip(missing);
    const { stdout } = await run(process.execPath, ["run-bentocache.mjs"], options).catch(explain);
    const passed = /(\d+) passed/.exec(stripVTControlCharacters(stdout))?.[1];
    assert.ok(Number(passed) >= 21, stdout);
  });
});

function explain(error: { readonly stdout?: string; readonly stderr?: string }): never {
  throw new Error(`${error.stdout ?? ""}\n${error.stderr ?? ""}`);
}
