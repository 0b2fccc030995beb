import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { HEAP_GROWTH_FLAG } from "../../src/heap.ts";

const CHILD = fileURLToPath(new URL("./memory-bound-child.ts", import.meta.url));
const BOUND = 1_000_000;
/** Code, shapes of objects and tables grow beside what is kept. */
const MOST = BOUND * 1.25 + 1_000_000;
/** Where V8 makes new objects, whatever the bound. */
const YOUNG_BYTES = 50_000_000;
const KINDS = ["text", "bytes", "records", "maps", "records+files"];

interface Growth {
  readonly heapGrowth: number;
  readonly rssGrowth: number;
  readonly evictions: number;
}

async function fill(
  bound: number,
  directory: string,
  kinds: readonly string[],
): Promise<Readonly<Record<string, Growth>>> {
  // Code that V8 forgets when it grows old is no growth of a cache, nor the opposite.
  const flags = ["--conditions=millrace-source", "--expose-gc", "--no-flush-bytecode", HEAP_GROWTH_FLAG];
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, CHILD, String(bound), directory, ...kinds]);
  return JSON.parse(stdout) as Record<string, Growth>;
}

describe("memory of a cache that is filled to three times its bound", () => {
  it("stays within its bound, whatever the values, and also where they are compressed below", async (t) => {
    const directory = await mkdtemp(join(tmpdir(), "millrace-memory-bound-"));
    t.after(() => rm(directory, { recursive: true, force: true }));
    const growths = await fill(BOUND, directory, KINDS);
    assert.deepEqual(Object.keys(growths), KINDS);
    for (const [kind, { heapGrowth, evictions }] of Object.entries(growths)) {
      assert.ok(evictions > 0, `nothing of ${kind} was evicted`);
      assert.ok(heapGrowth < MOST, `${kind}: ${heapGrowth} bytes of heap`);
      assert.ok(heapGrowth > BOUND / 2, `${kind}: it kept ${heapGrowth} bytes only`);
    }
  });

  it("takes at most three times its bound of the system's memory, as the server runs", async () => {
    const bound = 40_000_000;
    for (const kind of ["text", "bytes"]) {
      const growth = (await fill(bound, "", [kind]))[kind]?.rssGrowth ?? Number.NaN;
      assert.ok(growth < bound * 3 + YOUNG_BYTES, `${kind}: ${growth} bytes`);
      assert.ok(growth > bound, `${kind}: it grew by ${growth} bytes only`);
    }
  });
});
