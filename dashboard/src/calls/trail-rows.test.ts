import assert from "node:assert/strict";
import { it } from "node:test";
import type { CallStepView } from "../../../src/http/api.ts";
import { layOutTrail } from "./trail-rows.ts";

function step(stage: string, fromMs: number, toMs: number): CallStepView {
  return { stage, model: "m", fromMs, toMs, outcome: "provider", isFailure: false };
}

it("lays the stages of a call over its time, and counts those that it came to again", () => {
  const rows = layOutTrail([step("cache", 0, 100), step("provider", 10, 40), step("provider", 50, 100)], 99);
  assert.deepEqual(
    rows.map(({ attempt, start, length }) => [attempt, start, length]),
    [
      [null, 0, 1],
      [1, 0.1, 0.3],
      [2, 0.5, 0.5],
    ],
  );
  assert.deepEqual(layOutTrail([], 0), []);
  assert.deepEqual(
    layOutTrail([step("cache", 0, 0)], 0).map(({ start, length }) => [start, length]),
    [[0, 0]],
  );
});
