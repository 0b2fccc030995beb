import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { z } from "zod";
import { type Bench, withBench } from "../../test/crash/engine-harness.ts";
import { type AnyAutomation, defineAutomation } from "./automation.ts";
import type { Explanation } from "./engine.ts";
import { event } from "./event-type.ts";
import { on } from "./trigger.ts";

const Paid = event("order.paid", z.object({ id: z.string() }), { match: ({ id }) => id });

/** Starts a run, lets a second pass, and gives what is said about it. */
async function explained({ engine, pass }: Bench, automation: AnyAutomation, starts = 1): Promise<Explanation> {
  const started = engine([automation]);
  await started.start();
  let runId = "";
  for (let start = 0; start < starts; start++) ({ runId } = await started.trigger(automation.name));
  await pass(1_000);
  return started.explain(runId);
}

describe("explain", () => {
  it("names the event that a run waits for, and until when", async () => {
    await withBench(async (bench) => {
      const waits = defineAutomation("waits", { on: [on.manual()] }, async ({ step }) => {
        await step.wait("payment", { for: Paid, match: "42", timeout: "1d" });
      });
      const { status, why } = await explained(bench, waits);
      assert.equal(status, "waiting");
      assert.match(
        why.join("\n"),
        /"payment" waits for an event order\.paid that is about "42", at most until 2026-06-02T12:00:00/,
      );
    });
  });

  it("names the key that blocks a run, and who holds it", async () => {
    await withBench(async (bench) => {
      const held = defineAutomation(
        "held",
        { on: [on.manual()], concurrency: { limit: 1, key: () => "ann" } },
        async ({ step }) => step.run("work", () => bench.clock.sleep(5_000)),
      );
      const { why, advice } = await explained(bench, held, 2);
      const holder = (await bench.store.runs.list({ status: "running", limit: 1 })).runs[0]?.id ?? "none";
      assert.match(why[0] ?? "", new RegExp(`at most 1 at once for the key "ann", and ${holder} holds it`));
      assert.match(advice[0] ?? "", /concurrency\.limit/);
    });
  });

  it("tells a delay by a rate from a batch, a debounce, a backoff and a sleep", async () => {
    const manual = [on.manual()] as const;
    const cases: readonly (readonly [AnyAutomation, number, RegExp])[] = [
      [
        defineAutomation("rated", { on: manual, rate: { limit: 1, per: "1m" } }, async () => null),
        2,
        /delayed by its rate, 1 per 1m: it starts at 2026-06-01T12:01:00/,
      ],
      [
        defineAutomation("calm", { on: manual, debounce: { for: "1m" } }, async () => null),
        3,
        /waits until no more events come: 3 so far; it starts at 2026-06-01T12:01/,
      ],
      [
        defineAutomation("many", { on: [on.batch(on.manual(), { max: 9, wait: "1m" })] }, async () => null),
        2,
        /gathers events into a batch: 2 so far/,
      ],
      [
        defineAutomation("naps", { on: manual }, async ({ step }) => step.sleep("nap", "1h")),
        1,
        /Step "nap" sleeps until 2026-06-01T13:00/,
      ],
      [
        defineAutomation("fails", { on: manual, retry: { backoffMs: 40_000 } }, async ({ step }) =>
          step.run("ask", () => {
            throw new Error("away");
          }),
        ),
        1,
        /Step "ask" failed once \(away\) and is tried again at 2026-06-01T12:00/,
      ],
    ];
    for (const [automation, starts, expected] of cases) {
      await withBench(async (bench) => {
        assert.match((await explained(bench, automation, starts)).why.join("\n"), expected);
      });
    }
  });

  it("says what failed and how to go on, what runs, and what nobody can run", async () => {
    await withBench(async (bench) => {
      const fails = defineAutomation("fails", { on: [on.manual()], retry: { attempts: 1 } }, async ({ step }) => {
        await step.run("fine", () => 1);
        await step.run("ask", () => {
          throw new Error("away");
        });
      });
      const failed = await explained(bench, fails);
      assert.equal(failed.status, "failed");
      assert.match(failed.why.join("\n"), /It failed at .*away[^]*Step "ask" failed once, for good: away/);
      assert.match(failed.advice.join("\n"), new RegExp(`runs retry ${failed.runId}.*one finished step is kept`));
      const { runId } = failed;
      const stranger = bench.engine([]);
      await bench.store.runs.retry({ runId, now: bench.clock.now() });
      assert.match((await stranger.explain(runId)).why[0] ?? "", /no automation fails here/);
      await assert.rejects(stranger.explain("none"), { code: "RUN_UNKNOWN" });
    });
  });
});
