import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createManualClock } from "../core/manual-clock.ts";
import type { CallRecord } from "./ledger.ts";
import { openCallsWorld } from "./test-world.ts";
import { createTrail } from "./trail.ts";

describe("the trail of a call", () => {
  it("tells the stages in the order in which they began, each within those that waited for it, failed attempts too", async () => {
    const records: CallRecord[] = [];
    await using world = await openCallsWorld({
      simulator: { script: ["server-error", "none"] },
      calls: { retry: { base: "1ms" } },
      factory: { ledger: { record: (call) => void records.push(call) } },
    });
    await world.ai.text({ prompt: "What is a mill?" });
    const [record] = records;
    const trail = record?.trail ?? [];
    const stages = trail.map(({ stage, isFailure }) => (isFailure ? `${stage}!` : stage));
    const attempt = ["rate", "parallel", "breaker", "provider"];
    assert.deepEqual(stages, ["cache", "retry", ...attempt.map((stage) => `${stage}!`), ...attempt]);
    for (const [index, { fromMs, toMs }] of trail.entries()) {
      assert.ok(fromMs <= toMs && fromMs >= (trail[index - 1]?.fromMs ?? 0));
    }
    assert.ok((trail[0]?.toMs ?? 0) >= (trail.at(-1)?.toMs ?? Infinity));
    assert.deepEqual([trail[5]?.outcome, trail.at(-1)?.outcome], ["server-error", "provider"]);
    await world.ai.text({ prompt: "What is a mill?" });
    assert.deepEqual([records[1]?.source, records[1]?.trail], ["memory", []]);
  });

  it("keeps the first stages of a call that has very many, and forgets none that ended late", async () => {
    const clock = createManualClock();
    const trail = createTrail(clock);
    const ends = Array.from({ length: 80 }, (_, index) => trail.enter(`stage${index}`, "m"));
    await clock.advance(5);
    for (const end of ends) end("provider", false);
    const steps = trail.steps();
    assert.equal(steps.length, 60);
    assert.deepEqual(steps[59], {
      stage: "stage59",
      model: "m",
      fromMs: 0,
      toMs: 5,
      outcome: "provider",
      isFailure: false,
    });
  });
});
