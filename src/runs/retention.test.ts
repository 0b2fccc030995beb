import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { z } from "zod";
import { withBench } from "../../test/crash/engine-harness.ts";
import { defineAutomation } from "./automation.ts";
import { event } from "./event-type.ts";
import { on } from "./trigger.ts";

const Said = event("said", z.object({ n: z.number() }));
const Asked = event("asked", z.object({ n: z.number() }));
const works = defineAutomation("works", { on: [on.manual()] }, async () => null);
const fails = defineAutomation("fails", { on: [on.manual()], retry: { attempts: 1 } }, async () => {
  throw new Error("no");
});
const waits = defineAutomation("waits", { on: [on.manual()] }, async ({ step }) =>
  step.wait("for ever", { for: Asked, where: ({ n }) => n < 0 }),
);
const HOUR = 3_600_000;

describe("retention", () => {
  it("keeps the newest of more runs and events than it may keep, and what a run still waits for", async () => {
    await withBench(async (bench) => {
      const retention = { maxDone: 3, maxFailed: 2, maxEvents: 4 };
      const engine = bench.engine([works, fails, waits], { retention });
      await bench.during(engine.start());
      const { runId: waiting } = await engine.trigger("waits");
      await bench.pass(300);
      const done: string[] = [];
      for (let n = 0; n < 6; n++) {
        done.push((await bench.runToEnd(engine, "works")).id);
        await bench.runToEnd(engine, "fails");
        await engine.emit(Said, { n });
        await engine.emit(Asked, { n });
        await bench.pass(100);
      }
      await bench.pass(HOUR + 1_000, 60_000);
      const kept = await bench.store.runs.list({ status: "done", limit: 10 });
      assert.deepEqual(kept.runs.map(({ id }) => id).toReversed(), done.slice(-3));
      assert.equal((await bench.store.runs.list({ status: "failed", limit: 10 })).total, 2);
      assert.equal((await bench.store.runs.get(waiting))?.status, "waiting");
      const said = await bench.store.runs.events({ name: "said", match: null, after: 0, limit: 10 });
      assert.deepEqual(
        said.map(({ data }) => data),
        ['{"n":4}', '{"n":5}'],
      );
      const left = await bench.store.db.all("select distinct run from steps union select run from keys");
      const runs = await bench.store.db.all("select id from runs");
      assert.ok(left.every(({ run }) => runs.some(({ id }) => id === run)));
    });
  });

  it("forgets done runs before failed ones, each after its time", async () => {
    await withBench(async (bench) => {
      const engine = bench.engine([works, fails], { retention: { done: "2h", failed: "4h" } });
      await bench.during(engine.start());
      await bench.runToEnd(engine, "works");
      await bench.runToEnd(engine, "fails");
      const total = async (): Promise<number> => (await bench.store.runs.list({ limit: 1 })).total;
      await bench.pass(1.5 * HOUR, 60_000);
      assert.equal(await total(), 2);
      await bench.pass(2 * HOUR, 60_000);
      assert.equal(await total(), 1);
      await bench.pass(2 * HOUR, 60_000);
      assert.equal(await total(), 0);
    });
  });

  it("refuses to keep less than one, naming the field", async () => {
    await withBench(async (bench) => {
      assert.throws(() => bench.engine([works], { retention: { maxDone: 0 } }), {
        code: "INPUT_INVALID",
        message: /retention\.maxDone .* not 0/,
      });
    });
  });
});
