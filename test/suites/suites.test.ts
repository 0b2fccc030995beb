import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, delimiter, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify, stripVTControlCharacters } from "node:util";
import { missingRedis, startTestRedis, type TestRedis } from "../../src/cache/redis/test-redis.ts";

const run = promisify(execFile);
const HERE = fileURLToPath(new URL(".", import.meta.url));
const REDIS = process.env["MILLRACE_REDIS_SERVER"] ?? "/usr/bin/redis-server";
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

describe("foreign test suites", { concurrency: true }, () => {
  let missing: string | undefined;
  let directory = "";
  let redis: TestRedis | undefined;
  let kinds: readonly string[] = ["memory", "SQLite"];
  before(async () => {
    missing = await install();
    directory = await mkdtemp(join(tmpdir(), "millrace-suites-"));
    if (missingRedis(REDIS, isRequired) !== undefined) return;
    redis = await startTestRedis(REDIS);
    kinds = [...kinds, "Redis"];
  });
  after(async () => {
    await redis?.close();
    await rm(directory, { recursive: true, force: true });
  });

  function optionsFor(judged: readonly string[]) {
    const env = {
      MILLRACE_TEST_KINDS: judged.join(" "),
      MILLRACE_TEST_REDIS_URL: redis?.url,
      MILLRACE_TEST_DIRECTORY: directory,
    };
    return { ...options, env: { ...options.env, ...env } };
  }

  it("@keyv/test-suite passes on caches behind Keyv: on memory, on SQLite, on Redis", async (t) => {
    if (missing !== undefined) return t.skip(missing);
    const args = ["node_modules/vitest/vitest.mjs", "run", "--globals", "--root", HERE, "keyv.suite.mjs"];
    const { stdout } = await run(process.execPath, args, optionsFor(kinds)).catch(explain);
    const passed = /Tests\s+(\d+) passed/.exec(stripVTControlCharacters(stdout))?.[1];
    assert.ok(Number(passed) >= 42 * kinds.length, stdout);
  });

  it("bentocache's driver suite passes on caches behind a driver: on memory, on SQLite, on Redis", async (t) => {
    if (missing !== undefined) return t.skip(missing);
    // Each waits three seconds for a value to run out, so they wait together.
    const outputs = kinds.map((kind) =>
      run(process.execPath, ["run-bentocache.mjs"], optionsFor([kind])).catch(explain),
    );
    for (const { stdout } of await Promise.all(outputs)) {
      const passed = /(\d+) passed/.exec(stripVTControlCharacters(stdout))?.[1];
      assert.ok(Number(passed) >= 21, stdout);
    }
  });
});

function explain(error: { readonly stdout?: string; readonly stderr?: string }): never {
  throw new Error(`${error.stdout ?? ""}\n${error.stderr ?? ""}`);
}
