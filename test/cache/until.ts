import assert from "node:assert/strict";
import { systemClock } from "millrace";

/** Waits for something to become true: it fails after ten seconds, where a tenth of one is usual. */
export async function until(what: string, test: () => Promise<boolean> | boolean): Promise<void> {
  for (const startedAt = performance.now(); !(await test());) {
    assert.ok(performance.now() - startedAt < 10_000, `not within ten seconds: ${what}`);
    await systemClock.sleep(10);
  }
}
