import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createSeededRandom } from "../core/random.ts";
import { createBreakers } from "./breakers.ts";
import { createTestClock } from "./test-clock.ts";

function fail(end: ReturnType<ReturnType<typeof createBreakers>["get"]>): void {
  const admission = end.admit();
  assert.ok(admission.isGranted);
  admission.end("failing");
}

describe("createBreakers", () => {
  it("keeps the failures of one key away from the others, and tells which changed", () => {
    const changes: string[] = [];
    const breakers = createBreakers({
      clock: createTestClock(),
      random: createSeededRandom(1),
      failures: 1,
      onChange: (key, state) => void changes.push(`${key} ${state.status}`),
    });
    fail(breakers.get("a"));
    assert.equal(breakers.get("a").admit().isGranted, false);
    assert.equal(breakers.get("b").admit().isGranted, true);
    assert.deepEqual(changes, ["a open"]);
    assert.deepEqual(
      [...breakers.states()].map(([key, { status }]) => `${key} ${status}`),
      ["a open", "b closed"],
    );
  });

  it("stays within its size, and forgets closed ones that were not asked for before open ones", () => {
    const breakers = createBreakers({ clock: createTestClock(), random: createSeededRandom(1), failures: 1, size: 3 });
    fail(breakers.get("open"));
    for (const key of ["a", "b", "a", "c"]) breakers.get(key);
    assert.deepEqual([...breakers.states().keys()], ["open", "a", "c"]);
    for (const key of ["a", "c"]) fail(breakers.get(key));
    breakers.get("d");
    assert.deepEqual([...breakers.states().keys()], ["a", "c", "d"]);
  });
});
