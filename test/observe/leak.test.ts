import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { isGrowing } from "../../bench/harness/growth.ts";

const CHILD = fileURLToPath(new URL("./rounds-child.ts", import.meta.url));
/** What code that is compiled late and counters of new series may add over three windows. */
const NOISE = 0.06;

/** Heaps after equal windows of the same work. */
async function heapsOf(how: "whole" | "leaking"): Promise<readonly number[]> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-leak-"));
  try {
    const args = ["--expose-gc", "--conditions=millrace-source", CHILD, join(folder, "data"), how];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    return (JSON.parse(stdout) as { readonly heaps: readonly number[] }).heaps;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

describe("a host that is used over and over", { timeout: 120_000 }, () => {
  it("keeps nothing of what it did, and a planted leak is found", async () => {
    const [whole, leaking] = await Promise.all([heapsOf("whole"), heapsOf("leaking")]);
    assert.equal(isGrowing(whole, NOISE), false, `the heap grew: ${whole.join(", ")}`);
    assert.equal(isGrowing(leaking, NOISE), true, `the leak was not seen: ${leaking.join(", ")}`);
  });
});
