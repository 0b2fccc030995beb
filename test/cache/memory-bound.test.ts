import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const CHILD = fileURLToPath(new URL("./memory-bound-child.ts", import.meta.url));
const BOUND = 8_000_000;
/** Code, shapes of objects and tables grow beside what is kept. */
const MOST = BOUND * 1.25 + 3_000_000;

async function fill(...given: readonly string[]): Promise<{ readonly heapGrowth: number; readonly evictions: number }> {
  const options = ["--conditions=millrace-source", "--expose-gc", CHILD, String(BOUND), ...given];
  const { stdout } = await promisify(execFile)(process.execPath, options);
  return JSON.parse(stdout) as { readonly heapGrowth: number; readonly evictions: number };
}

describe("memory of a cache that is filled to three times its bound with values from 10 bytes to 1 MB", () => {
  for (const kind of ["text", "bytes", "numbers", "records", "maps"]) {
    it(`stays within its bound: ${kind}`, async () => {
      const { heapGrowth, evictions } = await fill(kind);
      assert.ok(evictions > 0);
      assert.ok(heapGrowth < MOST, `${heapGrowth} bytes of heap`);
      assert.ok(heapGrowth > BOUND / 2, `it kept ${heapGrowth} bytes only`);
    });
  }

  it("stays within its bound where values are compressed below", async (t) => {
    const directory = await mkdtemp(join(tmpdir(), "millrace-memory-bound-"));
    t.after(() => rm(directory, { recursive: true, force: true }));
    const { heapGrowth } = await fill("records", directory);
    assert.ok(heapGrowth < MOST, `${heapGrowth} bytes of heap`);
  });
});
