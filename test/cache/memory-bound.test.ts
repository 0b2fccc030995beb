import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const CHILD = fileURLToPath(new URL("./memory-bound-child.ts", import.meta.url));
const BOUND = 1_000_000;
/** Code, shapes of objects and tables grow beside what is kept. */
const MOST = BOUND * 1.25 + 1_000_000;
const KINDS = ["text", "bytes", "records", "maps", "records+files"];

type Growths = Readonly<Record<string, { readonly heapGrowth: number; readonly evictions: number }>>;

describe("memory of a cache that is filled to three times its bound", () => {
  it("stays within its bound, whatever the values, and also where they are compressed below", async (t) => {
    const directory = await mkdtemp(join(tmpdir(), "millrace-memory-bound-"));
    t.after(() => rm(directory, { recursive: true, force: true }));
    // Code that V8 forgets when it grows old is no growth of a cache, nor the opposite.
    const flags = ["--conditions=millrace-source", "--expose-gc", "--no-flush-bytecode"];
    const options = [...flags, CHILD, String(BOUND), directory, ...KINDS];
    const { stdout } = await promisify(execFile)(process.execPath, options);
    const growths = JSON.parse(stdout) as Growths;
    assert.deepEqual(Object.keys(growths), KINDS);
    for (const [kind, { heapGrowth, evictions }] of Object.entries(growths)) {
      assert.ok(evictions > 0, `nothing of ${kind} was evicted`);
      assert.ok(heapGrowth < MOST, `${kind}: ${heapGrowth} bytes of heap`);
      assert.ok(heapGrowth > BOUND / 2, `${kind}: it kept ${heapGrowth} bytes only`);
    }
  });
});
