import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createManualClock, type ManualClock } from "../core/manual-clock.ts";
import type { ModelPart } from "../model/model.ts";
import { atPace, createMeter, createPaceRecorder, type Pace } from "./pace.ts";

const text = (delta: string): ModelPart => ({ type: "text-delta", id: "0", delta });
const FOREVER = Number.POSITIVE_INFINITY;

/** What came and when, while time passes until all of it is there. */
async function replay(clock: ManualClock, parts: readonly ModelPart[], pace: Pace, until = FOREVER) {
  const came: [number, readonly ModelPart[]][] = [];
  const { signal } = new AbortController();
  const done = (async () => {
    for await (const some of atPace(parts, pace, { clock, signal, until })) came.push([clock.monotonic(), some]);
  })();
  await clock.advance(1e6);
  await done;
  return came;
}

describe("a stream that is replayed", () => {
  it("comes in the pieces and at the times in which it once came", async () => {
    const clock = createManualClock();
    const recorder = createPaceRecorder(clock);
    await clock.advance(5_000);
    for (const [ms, piece] of [
      [0, "The "],
      [400, "mill "],
      [0, "ra"],
      [600, "ce."],
    ] as const) {
      await clock.advance(ms);
      recorder.came(piece.length);
    }
    const pace = recorder.pace() ?? [];
    assert.deepEqual(pace, [0, 4, 400, 7, 1_000, 3]);
    const came = await replay(createManualClock(), [text("The mill race."), { type: "text-end", id: "0" }], pace);
    assert.deepEqual(came, [
      [0, [text("The ")]],
      [400, [text("mill ra")]],
      [1_000, [text("ce."), { type: "text-end", id: "0" }]],
    ]);
  });

  it("has its reasoning and its calls of tools when they were whole", async () => {
    const call = { type: "tool-call", toolCallId: "c", toolName: "t", input: '{"city":"Ulm"}' } as const;
    const parts: readonly ModelPart[] = [
      { type: "reasoning-delta", id: "0", delta: "hm" },
      call,
      { type: "text-delta", id: "1", delta: "so" },
    ];
    const came = await replay(createManualClock(), parts, [0, 2, 10, 7, 20, 7, 30, 2]);
    assert.deepEqual(
      came.map(([at, some]) => [at, some.map(({ type }) => type)]),
      [
        [0, ["reasoning-delta"]],
        [20, ["tool-call"]],
        [30, ["text-delta"]],
      ],
    );
    const sizeOf = createMeter();
    assert.equal(sizeOf({ type: "tool-input-delta", id: "c", delta: call.input }), call.input.length);
    assert.equal(sizeOf(call), 0, "it came in pieces before");
  });

  it("waits for nothing past the deadline, and gives what no time was noted for", async () => {
    const clock = createManualClock();
    const came = await replay(clock, [text("abcdef")], [0, 1, 900, 1, 90_000, 2], 1_000);
    assert.deepEqual(came, [
      [0, [text("a")]],
      [900, [text("b")]],
      [1_000, [text("cd")]],
      [1_000, [text("ef")]],
    ]);
  });

  it("frees who waits for it at once when it is called off", async () => {
    const clock = createManualClock();
    const leaving = new AbortController();
    const parts = atPace([text("ab")], [0, 1, 60_000, 1], { clock, signal: leaving.signal, until: FOREVER });
    assert.deepEqual((await parts.next()).value, [text("a")]);
    const second = parts.next();
    leaving.abort(new Error("gone"));
    await assert.rejects(second, /gone/);
  });

  it("takes little room however long it was, and keeps its first and its last moment", async () => {
    const clock = createManualClock();
    const recorder = createPaceRecorder(clock);
    for (let piece = 0; piece < 1_500; piece++) {
      recorder.came(3);
      await clock.advance(piece === 1_499 ? 0 : 7);
    }
    const pace = recorder.pace() ?? [];
    const sizes = pace.filter((_, index) => index % 2 === 1);
    assert.ok(pace.length <= 512 && pace.length >= 256, `${pace.length}`);
    assert.equal(
      sizes.reduce((sum, size) => sum + size, 0),
      4_500,
    );
    assert.deepEqual([pace[0], pace[1], pace.at(-2)], [0, 3, 1_499 * 7]);
    assert.ok(JSON.stringify(pace).length < 4_096);
  });
});
