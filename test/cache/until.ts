import assert from "node:assert/strict";
import { systemClock } from "millrace";

/** Waits for something to become true: it fails after a minute, where a tenth of a second is usual. */
export async function until(what: string, test: () => Promise<boolean> | boolean): Promise<void> {
  for (const startedAt = performance.now(); !(await test());) {
    assert.ok(performance.now() - startedAt < 60_000, `not within a minute: ${what}`);
    await systemClock.sleep(10);
  }
}
