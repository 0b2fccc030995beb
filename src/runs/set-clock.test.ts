import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { NOON, withBench } from "../../test/crash/engine-harness.ts";
import { defineAutomation } from "./automation.ts";
import { on } from "./trigger.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe("a clock that is set back", () => {
  it("does not keep a short sleep in its slot", async () => {
    await withBench(async ({ engine, clock, during }) => {
      const naps = defineAutomation("naps", { on: [on.manual()] }, async ({ step }) => {
        await step.run("before", () => clock.jump(-HOUR));
        await step.sleep("nap", 800);
        await step.run("between", () => 1);
        const napping = step.sleep("again", 800);
        clock.jump(-HOUR);
        await napping;
        return clock.monotonic();
      });
      const napper = engine([naps], { slots: 1 });
      await napper.start();
      const { runId } = await napper.trigger("naps");
      const run = await during(napper.ended(runId));
      assert.equal(run.status, "done");
      assert.ok(Number(run.output) < 10_000, `it took ${run.output} ms`);
    });
  });

  it("still ends a body whose run takes longer than it may, once it is that late again", async () => {
    await withBench(async ({ engine, clock, during }) => {
      const hangs = defineAutomation("hangs", { on: [on.manual()], timeoutMs: 5_000 }, async ({ step }) => {
        await step.run("hang", () => {
          clock.jump(-MINUTE);
          return new Promise(() => undefined);
        });
      });
      const owner = engine([hangs]);
      await owner.start();
      const { runId } = await owner.trigger("hangs");
      const run = await during(owner.ended(runId), 5_000);
      assert.equal(run.error?.code, "RUN_TIMEOUT");
      assert.ok(clock.monotonic() < 3 * MINUTE);
    });
  });

  it("leaves no schedule silent that was planned by the time before, and starts no planned time twice", async () => {
    await withBench(
      async ({ engine, clock, pass, store, during }) => {
        const hourly = defineAutomation(
          "hourly",
          { on: [on.cron("0 * * * *", { timezone: "UTC" })] },
          async () => null,
        );
        const planned = async () =>
          (await store.runs.list({ limit: 50 })).runs
            .map(({ event }) =>
              (JSON.parse(event) as { data: { scheduledFor: string } }).data.scheduledFor.slice(11, 16),
            )
            .toReversed();
        const first = engine([hourly]);
        await first.start();
        clock.jump(24 * HOUR);
        await pass(1_000);
        assert.deepEqual(await planned(), ["11:00"], "the latest of those that were jumped over");
        clock.jump(-24 * HOUR);
        await pass(MINUTE + 1_000);
        assert.deepEqual(await planned(), ["11:00", "12:00"], "today's, though tomorrow's was the last");
        clock.jump(-2 * MINUTE);
        await pass(3 * MINUTE, 1_000);
        assert.deepEqual(await planned(), ["11:00", "12:00"], "not again");
        clock.jump(24 * HOUR);
        await pass(1_000);
        await during(first.close());
        // It is set right while nobody looks.
        clock.jump(-23 * HOUR - 2 * MINUTE);
        await engine([hourly]).start();
        await pass(3 * MINUTE, 1_000);
        assert.deepEqual(await planned(), ["11:00", "12:00", "12:00", "13:00"]);
      },
      { startAt: NOON - MINUTE },
    );
  });
});
