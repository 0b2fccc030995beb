import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { LiveEvent, RunSummary } from "millrace/http";
import { type LiveState, NOTHING_LIVE, reduceLive, seedLive } from "./reduce.ts";

const START: LiveEvent = { name: "run-start", data: { runId: "r1", automation: "home.daily", epoch: 1, at: 1_000 } };
const END: LiveEvent = {
  name: "run-end",
  data: { runId: "r1", automation: "home.daily", status: "done", ms: 5_000, at: 6_000 },
};

function after(...events: LiveEvent[]): LiveState {
  return events.reduce(reduceLive, NOTHING_LIVE);
}

function running(id: string): RunSummary {
  return {
    id,
    automation: "home.daily",
    status: "running",
    createdAt: "2026-11-24T03:00:00.000Z",
    startedAt: "2026-11-24T03:00:01.000Z",
    endedAt: null,
    ms: 10,
    error: null,
    progress: [{ step: "suggest", done: 3, failed: 0, total: 10 }],
  };
}

describe("the live view", () => {
  it("shows a run from its start to its end", () => {
    assert.equal(after(START).runs["r1"]?.automation, "home.daily");
    assert.deepEqual(after(START, END).runs, {});
  });

  it("follows a map as its items are answered", () => {
    const state = after(START, {
      name: "step-progress",
      data: { runId: "r1", step: "suggest", done: 4, failed: 1, total: 10, at: 2_000 },
    });
    assert.deepEqual(state.runs["r1"]?.maps, { suggest: { done: 4, failed: 1, total: 10 } });
  });

  it("knows which steps are under way", () => {
    const read: LiveEvent = { name: "step-start", data: { runId: "r1", step: "read", attempt: 1, at: 1_100 } };
    const mine: LiveEvent = { name: "step-start", data: { runId: "r1", step: "mine", attempt: 1, at: 1_400 } };
    const readEnd: LiveEvent = {
      name: "step-end",
      data: { runId: "r1", step: "read", state: "done", ms: 300, at: 1_400 },
    };
    assert.deepEqual(after(START, read, readEnd, mine).runs["r1"]?.openSteps, { mine: 1_400 });
  });

  it("takes running runs from a list when it joins late, with their progress", () => {
    const state = seedLive(NOTHING_LIVE, [running("r1")]);
    assert.deepEqual(state.runs["r1"]?.maps, { suggest: { done: 3, failed: 0, total: 10 } });
  });

  it("does not bring back a run that ended while the list was on its way", () => {
    assert.deepEqual(seedLive(after(START, END), [running("r1")]).runs, {});
  });

  it("keeps the progress that was told of a run while the list that has it was on its way", () => {
    const progress: LiveEvent = {
      name: "step-progress",
      data: { runId: "r2", step: "suggest", done: 0, failed: 0, total: 10, at: 2_000 },
    };
    const listed = { ...running("r2"), progress: [] };
    const state = seedLive(after(progress), [listed], [progress]);
    assert.deepEqual(state.runs["r2"]?.maps, { suggest: { done: 0, failed: 0, total: 10 } });
    assert.deepEqual(seedLive(after(START, END), [running("r1")], [START, END]).runs, {});
  });

  it("forgets runs that a fresh list no longer has", () => {
    assert.deepEqual(seedLive(after(START), []).runs, {});
  });

  it("shows a run again when it is retried", () => {
    assert.equal(after(START, END, START).runs["r1"]?.id, "r1");
    assert.equal(seedLive(after(START, END, START), [running("r1")]).runs["r1"]?.id, "r1");
  });

  it("ignores steps of runs that it has not heard of", () => {
    const stray: LiveEvent = { name: "step-start", data: { runId: "r9", step: "read", attempt: 1, at: 1 } };
    assert.deepEqual(after(stray), NOTHING_LIVE);
  });
});
