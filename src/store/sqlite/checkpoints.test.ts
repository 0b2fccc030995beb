import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createManualClock } from "../../core/manual-clock.ts";
import { createCheckpoints } from "./checkpoints.ts";

function withCheckpoints() {
  const clock = createManualClock();
  const at: number[] = [];
  const checkpoints = createCheckpoints({
    clock,
    checkpoint: () => void at.push(clock.monotonic()),
    idleMs: 100,
    jobs: 10,
  });
  return { clock, at, checkpoints };
}

describe("checkpoints", () => {
  it("come once when nothing was written for a while", async () => {
    const { clock, at, checkpoints } = withCheckpoints();
    checkpoints.wrote(1);
    await clock.advance(60);
    checkpoints.wrote(1);
    await clock.advance(60);
    assert.deepEqual(at, [], "it was not idle yet");
    await clock.advance(1_000);
    assert.deepEqual(at, [200]);
    checkpoints.wrote(1);
    await clock.advance(1_000);
    assert.deepEqual(at, [200, 1_220]);
  });

  it("come after so many jobs, however busy it is", () => {
    const { at, checkpoints } = withCheckpoints();
    for (let group = 0; group < 8; group++) checkpoints.wrote(3);
    assert.equal(at.length, 2);
  });

  it("leave no timer behind when they are stopped", async () => {
    const { clock, at, checkpoints } = withCheckpoints();
    checkpoints.wrote(1);
    checkpoints.stop();
    await clock.advance(1_000);
    assert.deepEqual(at, []);
  });
});
