import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { StepView } from "millrace/http";
import { layOutTimeline } from "./timeline.ts";

const START = Date.parse("2026-11-24T03:00:00.000Z");

function step(id: string, fromMs: number, ms: number, state: StepView["state"] = "done"): StepView {
  return {
    id,
    kind: "run",
    until: null,
    event: null,
    match: null,
    state,
    attempt: 1,
    startedAt: new Date(START + fromMs).toISOString(),
    endedAt: new Date(START + fromMs + ms).toISOString(),
    ms,
    error: null,
    outputBytes: 2,
  };
}

function layOut(steps: StepView[], more: Partial<Parameters<typeof layOutTimeline>[0]> = {}) {
  return layOutTimeline({ steps, openSteps: {}, maps: {}, startAt: START, endAt: START + 1_000, ...more });
}

describe("the timeline of a run", () => {
  it("shows steps in the order in which they began, whatever their names", () => {
    const rows = layOut([step("b", 0, 100), step("a", 100, 300)]);
    assert.deepEqual(
      rows.map(({ name }) => name),
      ["b", "a"],
    );
    assert.deepEqual(rows[1]?.bars[0], { id: "a", state: "done", start: 0.1, length: 0.3, ms: 300, lane: 0 });
  });

  it("draws what sleeps or waits until now", () => {
    const waiting = { ...step("answer", 200, 0, "open"), kind: "wait" as const, endedAt: null, ms: null };
    const [row] = layOut([waiting]);
    assert.deepEqual(row?.bars[0], { id: "answer", state: "waiting", start: 0.2, length: 0.8, ms: 800, lane: 0 });
  });

  it("groups the items of a map and counts them", () => {
    const rows = layOut([step("suggest:a", 0, 100), step("suggest:b", 0, 90), step("suggest:c", 95, 50, "failed")]);
    assert.equal(rows.length, 1);
    const [row] = rows;
    assert.deepEqual([row?.name, row?.isMap, row?.done, row?.failed, row?.total], ["suggest", true, 2, 1, 3]);
    assert.equal(row?.ms, 145);
    assert.equal(row.state, "failed");
  });

  it("puts items side by side when they overlap and behind each other when they do not", () => {
    const [row] = layOut([step("m:a", 0, 100), step("m:b", 0, 50), step("m:c", 60, 100)]);
    assert.equal(row?.lanes, 2);
    assert.deepEqual(
      row.bars.map(({ id, lane }) => [id, lane]),
      [
        ["m:b", 0],
        ["m:a", 1],
        ["m:c", 0],
      ],
    );
  });

  it("shows a step that runs now up to the present", () => {
    const [row] = layOut([], { openSteps: { read: START + 400 } });
    assert.deepEqual(row?.bars, [{ id: "read", state: "running", start: 0.4, length: 0.6, ms: 600, lane: 0 }]);
    assert.equal(row.state, "running");
  });

  it("takes the total of a map that runs from its progress", () => {
    const [row] = layOut([step("suggest:a", 0, 100)], { maps: { suggest: { done: 1, failed: 0, total: 10 } } });
    assert.deepEqual([row?.done, row?.total], [1, 10]);
  });

  it("never draws outside of the picture, and never two bars over each other", () => {
    const spans = fc.array(fc.tuple(fc.integer({ min: -500, max: 2_000 }), fc.integer({ min: 0, max: 900 })), {
      minLength: 1,
    });
    fc.assert(
      fc.property(spans, (list) => {
        const [row] = layOut(list.map(([from, ms], index) => step(`m:${index}`, from, ms)));
        assert.ok(row !== undefined);
        for (const bar of row.bars) assert.ok(bar.start >= 0 && bar.start + bar.length <= 1 + 1e-9);
        for (let lane = 0; lane < row.lanes; lane += 1) {
          const inLane = list
            .map(([from, ms], index) => ({ from, to: from + ms, id: `m:${index}` }))
            .filter(({ id }) => row.bars.find((bar) => bar.id === id)?.lane === lane)
            .sort((a, b) => a.from - b.from || a.to - b.to);
          for (const [index, span] of inLane.entries()) assert.ok(span.from >= (inLane[index - 1]?.to ?? -Infinity));
        }
      }),
    );
  });
});
