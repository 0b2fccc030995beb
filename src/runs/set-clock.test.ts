import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { withBench } from "../../test/crash/engine-harness.ts";
import { defineAutomation } from "./automation.ts";
import { on } from "./trigger.ts";

const HOUR = 3_600_000;

describe("a clock that is set back an hour", () => {
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
          clock.jump(-HOUR);
          return new Promise(() => undefined);
        });
      });
      const owner = engine([hangs]);
      await owner.start();
      const { runId } = await owner.trigger("hangs");
      const run = await during(owner.ended(runId), 60_000);
      assert.equal(run.error?.code, "RUN_TIMEOUT");
      assert.ok(clock.monotonic() < HOUR + 180_000);
    });
  });
});
