import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { z } from "zod";
import { isErrorCode } from "../core/errors.ts";
import { withBench } from "../../test/crash/engine-harness.ts";
import { defineAutomation } from "./automation.ts";
import { event } from "./event-type.ts";
import { on } from "./trigger.ts";

const Order = z.object({ id: z.string(), customer: z.string() });
const Placed = event("order.placed", Order, { match: ({ id }) => id });

/** Bodies that tell when they run side by side. */
function createMeter() {
  let running = 0;
  let most = 0;
  return {
    most: () => most,
    async work(ms: number, sleep: (ms: number) => Promise<void>) {
      running += 1;
      most = Math.max(most, running);
      await sleep(ms);
      running -= 1;
    },
  };
}

/** A UUID of version 7, the later the greater. */
function idOf(number: number): string {
  return `019e830e-1a00-7000-8000-00000000000${number}`;
}

describe("what limits runs", () => {
  it("executes at most as many of a key at once as the limit allows, and all in the end", async () => {
    await withBench(async ({ engine, clock, during, store }) => {
      const meters = { a: createMeter(), b: createMeter() };
      const limited = defineAutomation(
        "limited",
        {
          on: [on.manual(z.object({ key: z.enum(["a", "b"]) }))],
          concurrency: { limit: 2, key: ({ data }) => data.key },
        },
        async ({ event: { data }, step }) =>
          step.run("work", () => meters[data.key].work(300, (ms) => clock.sleep(ms))),
      );
      const started = engine([limited]);
      await started.start();
      const runs = await Promise.all(
        Array.from({ length: 14 }, (_, index) => started.trigger("limited", { key: index % 2 === 0 ? "a" : "b" })),
      );
      await during(Promise.all(runs.map(({ runId }) => started.ended(runId))));
      assert.deepEqual([meters.a.most(), meters.b.most()], [2, 2]);
      assert.equal((await store.runs.list({ status: "done", limit: 50 })).total, 14);
    });
  });

  it("lets others run while a run of the key sleeps", async () => {
    await withBench(async ({ engine, during, pass, store }) => {
      const order: string[] = [];
      const naps = defineAutomation(
        "naps",
        { on: [on.manual(z.object({ name: z.string(), nap: z.boolean() }))], concurrency: { limit: 1 } },
        async ({ event: { data }, step }) => {
          if (data.nap) await step.sleep("nap", "2m");
          await step.run("work", () => order.push(data.name));
        },
      );
      const started = engine([naps], { slots: 1 });
      await started.start();
      const sleeper = await started.trigger("naps", { name: "sleeper", nap: true });
      await pass(500);
      assert.equal((await store.runs.get(sleeper.runId))?.status, "waiting");
      const other = await started.trigger("naps", { name: "other", nap: false });
      await during(started.ended(other.runId));
      await pass(120_000, 10_000);
      await during(started.ended(sleeper.runId));
      assert.deepEqual(order, ["other", "sleeper"]);
    });
  });

  it("starts the most urgent run first", async () => {
    await withBench(async ({ engine, during }) => {
      const order: number[] = [];
      const urgent = defineAutomation(
        "urgent",
        { on: [on.manual(z.object({ n: z.number() }))], priority: ({ data }) => data.n },
        async ({ event: { data } }) => void order.push(data.n),
      );
      const started = engine([urgent], { slots: 1 });
      const runs = await Promise.all([1, 3, 2].map((n) => started.trigger("urgent", { n })));
      await started.start();
      await during(Promise.all(runs.map(({ runId }) => started.ended(runId))));
      assert.deepEqual(order, [3, 2, 1]);
    });
  });

  it("delays runs over their rate, and refuses those over a throttle", async () => {
    await withBench(async ({ engine, during, store, clock }) => {
      const begin = clock.now();
      const slow = defineAutomation("slow", { on: [on.manual()], rate: { limit: 2, per: "10s" } }, async () => null);
      const rare = defineAutomation("rare", { on: [on.manual()], throttle: { per: "10s" } }, async () => null);
      const started = engine([slow, rare]);
      await started.start();
      const runs = await Promise.all(Array.from({ length: 4 }, () => started.trigger("slow")));
      const ended = await during(Promise.all(runs.map(({ runId }) => started.ended(runId))));
      assert.deepEqual(
        ended.map(({ availableAt }) => availableAt - begin),
        [0, 0, 5_000, 10_000],
      );
      for (const { availableAt, startedAt } of ended) assert.ok((startedAt ?? 0) >= availableAt);
      await started.trigger("rare");
      await assert.rejects(started.trigger("rare"), (error) => isErrorCode(error, "RATE_LIMITED"));
      assert.equal((await store.runs.list({ automation: "rare", limit: 9 })).total, 1);
    });
  });

  it("makes one run of events in quick succession, of the last one", async () => {
    await withBench(async ({ engine, pass, store }) => {
      const seen: string[] = [];
      const settled = defineAutomation(
        "settled",
        { on: [on.event(Placed)], debounce: { for: "2s", key: ({ data }) => data.customer } },
        async ({ event: { data, type } }) => void seen.push(`${type} ${data.id}`),
      );
      const started = engine([settled]);
      await started.start();
      for (const id of ["1", "2", "3"]) {
        await started.emit(Placed, { id, customer: "ann" });
        await pass(500);
      }
      await started.emit(Placed, { id: "9", customer: "bob" });
      await pass(5_000);
      assert.deepEqual(seen.toSorted(), ["order.placed 3", "order.placed 9"]);
      const { runs } = await store.runs.list({ limit: 9 });
      assert.deepEqual(
        runs.map(({ merged }) => merged).toSorted((a, b) => a - b),
        [1, 3],
      );
    });
  });

  it("gathers events into one run, whose data are a list", async () => {
    await withBench(async ({ engine, pass }) => {
      const seen: string[][] = [];
      const batch = defineAutomation(
        "batch",
        { on: [on.batch(on.event(Placed), { max: 3, wait: "5s", key: ({ data }) => data.customer })] },
        async ({ event: { data } }) => void seen.push(data.map(({ id }) => id)),
      );
      const started = engine([batch]);
      await started.start();
      for (const id of ["1", "2", "3", "4"]) await started.emit(Placed, { id, customer: "ann" });
      await pass(200);
      assert.deepEqual(seen, [["1", "2", "3"]]);
      await pass(6_000);
      assert.deepEqual(seen, [["1", "2", "3"], ["4"]]);
    });
  });

  it("refuses rules that cannot be kept, by their field, before anything runs", async () => {
    await withBench(async ({ engine }) => {
      const manual = [on.manual()] as const;
      const bad = [
        [{ on: manual, concurrency: { limit: 0 } }, /concurrency\.limit of bad/],
        [{ on: manual, rate: { limit: 1, per: 0 } }, /rate\.per of bad/],
        [{ on: manual, rate: { limit: 1, per: "1s" }, throttle: { per: "1s" } }, /rate and throttle/],
        [{ on: manual, version: 1.5 }, /version of bad/],
        [{ on: manual, priority: 0.5 }, /priority of bad/],
      ] as const;
      for (const [options, message] of bad) {
        const automation = defineAutomation("bad", options, async () => null);
        assert.throws(
          () => engine([automation]),
          (error) => isErrorCode(error, "INPUT_INVALID") && message.test(error.message),
        );
      }
      assert.throws(() => on.batch(on.manual(), { max: 0, wait: "1s" }), { code: "INPUT_INVALID" });
      assert.throws(() => event("Order Placed", Order), { code: "INPUT_INVALID" });
    });
  });
});

describe("versions", () => {
  it("goes on with an older run by the names of its steps, and leaves a newer one alone", async () => {
    await withBench(async ({ engine, during, pass, store, clock }) => {
      const code = (version: number, pin: boolean) =>
        defineAutomation("job", { on: [on.manual()], version, pin }, async ({ step }) =>
          step.run("answer", () => version),
        );
      for (const [version, key] of [
        [1, "old"],
        [3, "new"],
      ] as const) {
        await store.runs.admit({
          id: idOf(version),
          automation: "job",
          version,
          key,
          event: '{"type":"manual"}',
          now: clock.now(),
        });
      }
      const { runs } = await store.runs.list({ limit: 9 });
      const [newer, older] = runs;
      assert.ok(newer && older);
      const second = engine([code(2, false)]);
      await second.start();
      assert.equal((await during(second.ended(older.id))).output, "2");
      await pass(20_000, 1_000);
      const left = await store.runs.get(newer.id);
      assert.deepEqual([left?.status, left?.error?.code, left?.attempt], ["queued", "RUN_VERSION", 0]);
      const { why } = await second.explain(newer.id);
      assert.match(why[0] ?? "", /version 3 of job, and the code here is version 2/);
      await second.cancel(newer.id);
      await second.retry(newer.id);
      assert.equal((await during(second.ended(newer.id))).output, "2", "a retry goes on with the code as it is");
    });
  });

  it("never goes on with a pinned run of another version", async () => {
    await withBench(async ({ engine, pass, store, clock }) => {
      const id = idOf(1);
      await store.runs.admit({ id, automation: "job", version: 1, event: '{"type":"manual"}', now: clock.now() });
      const pinned = defineAutomation("job", { on: [on.manual()], version: 2, pin: true }, async () => null);
      const started = engine([pinned]);
      await started.start();
      await pass(20_000, 1_000);
      assert.equal((await store.runs.get(id))?.status, "queued");
      assert.match((await store.runs.get(id))?.error?.message ?? "", /version 1 .* version 2, pinned/);
    });
  });

  it("stops with a clear message when a step's name means something else now", async () => {
    await withBench(async ({ engine, pass, during, store }) => {
      const before = defineAutomation("job", { on: [on.manual()] }, async ({ step }) => step.sleep("pause", "2m"));
      const first = engine([before]);
      await first.start();
      const { runId } = await first.trigger("job");
      await pass(200);
      await during(first.close());
      const after = defineAutomation("job", { on: [on.manual()] }, async ({ step }) => step.run("pause", () => 1));
      const second = engine([after]);
      await second.start();
      await pass(120_000, 10_000);
      const run = await store.runs.get(runId);
      assert.deepEqual([run?.status, run?.error?.code], ["failed", "STEP_MISMATCH"]);
      assert.match(run?.error?.message ?? "", /stored as a sleep, and the code asks for a run/);
      await second.retry(runId, { from: "pause" });
      assert.equal((await during(second.ended(runId))).output, "1");
    });
  });
});
