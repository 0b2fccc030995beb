import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { z } from "zod";
import type { CachePolicy } from "../src/cache/cache.ts";
import { CACHE_POLICIES } from "../src/cache/policies.ts";
import { UserConfigSchema } from "../src/config-schema.ts";

const FORECAST = fileURLToPath(new URL("../examples/forecast/millrace.config.ts", import.meta.url));
const CACHE_GUIDE = new URL("../docs/guide/cache.md", import.meta.url);
const run = promisify(execFile);
const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const README = new URL("../README.md", import.meta.url);
const DIGEST = new URL("../examples/digest/millrace.config.ts", import.meta.url);

describe("examples/digest", () => {
  it("sums up every note of the folder and writes the digest", async () => {
    const directory = await mkdtemp(join(tmpdir(), "millrace-digest-"));
    try {
      await mkdir(join(directory, "notes"));
      await writeFile(join(directory, "notes", "a.md"), "Buy screws.");
      await writeFile(join(directory, "notes", "b.md"), "Call the plumber.");
      const args = ["--conditions=millrace-source", MAIN, "run", "digest", "--config", fileURLToPath(DIGEST), "--json"];
      const { stdout } = await run(process.execPath, args, { cwd: directory });
      const last = JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as Record<string, unknown>;
      assert.deepEqual([last["status"], last["notes"], last["failed"]], ["done", 2, 0]);
      assert.equal(
        await readFile(join(directory, "digest.md"), "utf8"),
        "- a.md (other): Buy screws.\n- b.md (other): Call the plumber.",
      );
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });

  it("is what the README shows", async () => {
    const source = await readFile(DIGEST, "utf8");
    assert.ok(
      (await readFile(README, "utf8")).includes(source.trim()),
      "copy examples/digest/millrace.config.ts into the README",
    );
  });
});

describe("examples/forecast", () => {
  it("measures once for two runs, and is what the guide shows", async () => {
    const directory = await mkdtemp(join(tmpdir(), "millrace-forecast-"));
    try {
      const ask = async (): Promise<unknown> => {
        const args = [
          "--conditions=millrace-source",
          MAIN,
          "run",
          "forecast",
          "--config",
          FORECAST,
          "--place",
          "Utrecht",
          "--json",
        ];
        const { stdout } = await run(process.execPath, args, { cwd: directory });
        return (JSON.parse(stdout) as Record<string, unknown>)["source"];
      };
      assert.deepEqual([await ask(), await ask()], ["fresh", "database"]);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
    assert.ok((await readFile(CACHE_GUIDE, "utf8")).includes((await readFile(FORECAST, "utf8")).trim()));
  });
});

describe("docs/guide/cache.md", () => {
  it("names every policy with its times, and every key of the configuration", async () => {
    const guide = await readFile(CACHE_GUIDE, "utf8");
    for (const [name, policy] of Object.entries<CachePolicy>(CACHE_POLICIES)) {
      const times = [policy.ttl, policy.staleWhileRevalidate, policy.staleIfError].map((time) => `| ${time ?? ""} `);
      const row = `| \`${name}\` ${times.join("")}`.replaceAll("|  ", "| ");
      assert.ok(guide.includes(row), `${row} is not in the guide`);
    }
    for (const key of keysOf(UserConfigSchema.shape.cache.unwrap().shape))
      assert.match(guide, new RegExp(`\\| \`${key}\` \\|`), `${key} is not in the guide`);
  });
});

/** `memory.maxItems` and the like. */
function keysOf(shape: Readonly<Record<string, z.ZodType>>): string[] {
  return Object.entries(shape).flatMap(([name, schema]) => {
    const inner = schema instanceof z.ZodOptional ? schema.unwrap() : schema;
    return inner instanceof z.ZodObject ? keysOf(inner.shape).map((key) => `${name}.${key}`) : [name];
  });
}
