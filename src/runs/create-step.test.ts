import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { type Bench, withBench } from "../../test/crash/engine-harness.ts";
import type { EventMap } from "../core/events.ts";
import type { RunRecord } from "../store/store.ts";
import { type AutomationContext, defineAutomation } from "./automation.ts";
import { on } from "./trigger.ts";

async function runBody(
  bench: Bench,
  body: (context: AutomationContext<unknown>) => Promise<unknown>,
): Promise<RunRecord> {
  const engine = bench.engine([defineAutomation("maps", { on: [on.manual()] }, body)]);
  await engine.start();
  return bench.runToEnd(engine, "maps");
}

function output(run: RunRecord): unknown {
  return JSON.parse(run.output ?? `"${run.status}: ${run.error?.message}"`);
}

function progressOf(bench: Bench): string[] {
  return bench.seen
    .filter(({ name }) => name === "step-progress")
    .map(({ event }) => {
      const { step, done, failed, total } = event as EventMap["step-progress"];
      return `${step} ${done}+${failed}/${total}`;
    });
}

describe("step.map", () => {
  it("gives the results in the order of the items, whatever order they came in", async () => {
    await withBench(async (bench) => {
      const run = await runBody(bench, async ({ step }) => {
        const { done } = await step.map("work", [30, 10, 20], async (ms) => {
          await bench.clock.sleep(ms);
          return ms;
        });
        return done;
      });
      assert.deepEqual(output(run), [30, 10, 20]);
    });
  });

  it("keeps its places filled: a slow item holds up nobody", async () => {
    await withBench(async (bench) => {
      let running = 0;
      let most = 0;
      const startedAt = bench.clock.now();
      await runBody(bench, ({ step }) =>
        step.map(
          "work",
          Array.from({ length: 10 }, (_, index) => (index === 0 ? 4_000 : 1_000)),
          async (ms) => {
            most = Math.max(most, ++running);
            await bench.clock.sleep(ms);
            running -= 1;
          },
          { parallel: 4 },
        ),
      );
      assert.equal(most, 4);
      // One place is busy for 4 s; the other three do nine items of 1 s in 3 s.
      assert.ok(bench.clock.now() - startedAt < 5_500, `${bench.clock.now() - startedAt}`);
    });
  });

  it("keeps an item whose attempts are used up apart, with its reason", async () => {
    await withBench(async (bench) => {
      const run = await runBody(bench, ({ step }) =>
        step.map(
          "ask",
          ["a", "b", "c"],
          (item) => {
            if (item === "b") throw new Error("no b");
            return item.toUpperCase();
          },
          { retry: { attempts: 2, backoffMs: 5 }, key: (item) => item },
        ),
      );
      assert.deepEqual(output(run), {
        done: ["A", "C"],
        failed: [{ item: "b", index: 1, error: { code: "Error", message: "no b" } }],
      });
      assert.deepEqual(
        (await bench.store.runs.steps(run.id)).map(({ id, state, attempt }) => [id, state, attempt]),
        [
          ["ask:a", "done", 1],
          ["ask:b", "failed", 2],
          ["ask:c", "done", 1],
        ],
      );
    });
  });

  it("goes on with the other items while one backs off for long", async () => {
    await withBench(async (bench) => {
      const order: string[] = [];
      const run = await runBody(bench, async ({ step }) => {
        const { done } = await step.map(
          "ask",
          ["a", "b", "c", "d"],
          (item, { attempt }) => {
            order.push(`${item}${attempt}`);
            if (item === "a" && attempt === 1) throw Object.assign(new Error("away"), { retryAfterMs: 60_000 });
            return item;
          },
          { parallel: 1 },
        );
        return done;
      });
      assert.deepEqual(output(run), ["a", "b", "c", "d"]);
      assert.deepEqual(order, ["a1", "b1", "c1", "d1", "a2"]);
    });
  });

  it("tells how far it has come, item by item", async () => {
    await withBench(async (bench) => {
      await runBody(bench, ({ step }) =>
        step.map("ask", [1, 2], (item) => (item === 2 ? Promise.reject(new Error("no")) : item), {
          parallel: 1,
          retry: { attempts: 1 },
        }),
      );
      assert.deepEqual(progressOf(bench), ["ask 0+0/2", "ask 1+0/2", "ask 1+1/2"]);
    });
  });

  it("shows the progress of a map in flight, and nothing of one that has ended", async () => {
    await withBench(async (bench) => {
      const gate = Promise.withResolvers<void>();
      const body = ({ step }: AutomationContext<unknown>): Promise<unknown> =>
        step.map("ask", [1, 2, 3], (item) => (item === 3 ? gate.promise : undefined));
      const engine = bench.engine([defineAutomation("maps", { on: [on.manual()] }, body)]);
      await engine.start();
      const { runId } = await engine.trigger("maps");
      await bench.pass(1_000);
      assert.deepEqual(engine.progress(runId), [{ step: "ask", done: 2, failed: 0, total: 3 }]);
      gate.resolve();
      await bench.during(engine.ended(runId));
      assert.deepEqual(engine.progress(runId), []);
    });
  });

  it("refuses two items of one key before it works on any", async () => {
    await withBench(async (bench) => {
      let calls = 0;
      const run = await runBody(bench, ({ step }) =>
        step.map("ask", ["a", "b", "a"], () => void (calls += 1), { key: (item) => item }),
      );
      assert.deepEqual([run.status, run.error?.code, calls], ["failed", "STEP_DUPLICATE", 0]);
      assert.match(run.error?.message ?? "", /"ask:a"/);
    });
  });

  it("takes any text as a key, and no item at all", async () => {
    await withBench(async (bench) => {
      const run = await runBody(bench, async ({ step }) => {
        const keyed = await step.map("ask", ["a#1", "b:c", "", "é"], (item) => item, { key: (item) => item });
        return [keyed.done, await step.map("none", [], () => 1)];
      });
      assert.deepEqual(output(run), [["a#1", "b:c", "", "é"], { done: [], failed: [] }]);
    });
  });

  it("refuses a number of places that makes no sense", async () => {
    await withBench(async (bench) => {
      const run = await runBody(bench, ({ step }) => step.map("ask", [1], () => 1, { parallel: 0 }));
      assert.match(run.error?.message ?? "", /parallel .* not 0/);
    });
  });

  it("asks only the items that had no answer after the process was killed", async () => {
    await withBench(async (bench) => {
      const asked: string[] = [];
      const gate = Promise.withResolvers<void>();
      const body =
        (who: string, hangs: boolean) =>
        ({ step }: AutomationContext<unknown>): Promise<unknown> =>
          step.map(
            "ask",
            ["a", "b", "c", "d"],
            async (item) => {
              asked.push(`${who} ${item}`);
              if (hangs && item !== "b") await gate.promise;
              return item;
            },
            { parallel: 3, key: (item) => item },
          );
      const before = bench.engine([defineAutomation("maps", { on: [on.manual()] }, body("before", true))]);
      await before.start();
      const { runId } = await before.trigger("maps");
      await bench.pass(500);
      // The first engine is left as it is, as a process that was killed: its claims are recovered by the next one.
      const after = bench.engine([defineAutomation("maps", { on: [on.manual()] }, body("after", false))]);
      await after.start();
      const run = await bench.during(after.ended(runId));
      assert.deepEqual(output(run), { done: ["a", "b", "c", "d"], failed: [] });
      assert.deepEqual(asked, ["before a", "before b", "before c", "before d", "after a", "after c", "after d"]);
      // What the first one still does comes too late, and changes nothing.
      gate.resolve();
      await bench.pass(500);
      assert.equal((await bench.store.runs.get(runId))?.output, run.output);
      assert.deepEqual(progressOf(bench).slice(-4), ["ask 1+0/4", "ask 2+0/4", "ask 3+0/4", "ask 4+0/4"]);
    });
  });
});
