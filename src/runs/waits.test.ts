import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { z } from "zod";
import { isErrorCode } from "../core/errors.ts";
import { withBench } from "../../test/crash/engine-harness.ts";
import { defineAutomation } from "./automation.ts";
import { event } from "./event-type.ts";
import { on } from "./trigger.ts";

const Approved = event("digest.approved", z.object({ path: z.string(), ok: z.boolean() }), {
  match: ({ path }) => path,
});
const MINUTE = 60_000;
const DAY = 86_400_000;

/** Waits for the approval of a path, with what comes before and after. */
const waits = defineAutomation(
  "waits",
  { on: [on.manual(z.object({ path: z.string() }))] },
  async ({ event: { data }, step }) => {
    await step.run("before", () => 1);
    const answer = await step.wait("approve", { for: Approved, match: data.path, timeout: "7d" });
    return answer === null ? "nobody answered" : answer.ok;
  },
);

describe("step.sleep", () => {
  it("sleeps as long as it was told, also through a restart, and holds no slot", async () => {
    await withBench(async ({ engine, pass, during, store, clock, seen }) => {
      const sleeps = defineAutomation("sleeps", { on: [on.manual()] }, async ({ step }) => {
        await step.run("before", () => 1);
        await step.sleep("pause", "5m");
        return step.run("after", () => 2);
      });
      const begin = clock.now();
      const first = engine([sleeps], { slots: 1 });
      await first.start();
      const { runId } = await first.trigger("sleeps");
      await pass(2 * MINUTE, 30_000);
      assert.equal((await store.runs.get(runId))?.status, "waiting");
      await during(first.close());
      const second = engine([sleeps], { slots: 1 });
      await second.start();
      const run = await during(second.ended(runId), 10_000);
      assert.deepEqual([run.status, run.output], ["done", "2"]);
      const late = (run.endedAt ?? 0) - begin - 5 * MINUTE;
      assert.ok(late >= 0 && late < 30_000, `${late} ms late`);
      const bodies = seen.flatMap(({ name, event: told }) =>
        name === "step-start" && "step" in told ? [told.step] : [],
      );
      assert.deepEqual(bodies, ["before", "after"]);
    });
  });

  it("sleeps until an instant, in place when that is near, and not at all when it is over", async () => {
    await withBench(async ({ engine, runToEnd, clock, seen }) => {
      const sleeps = defineAutomation("sleeps", { on: [on.manual()] }, async ({ step }) => {
        await step.sleep("near", new Date(clock.now() + 400));
        await step.sleep("past", new Date(0));
        await step.sleep("none", 0);
        return clock.now();
      });
      const begin = clock.now();
      const started = engine([sleeps]);
      await started.start();
      const run = await runToEnd(started, "sleeps");
      assert.equal(run.output, String(begin + 400));
      assert.equal(seen.filter(({ name }) => name === "run-start").length, 1, "the run was given back for that");
    });
  });

  it("sleeps side by side with steps, and goes on when its time comes though they are in flight", async () => {
    await withBench(async ({ engine, runToEnd, clock }) => {
      const order: string[] = [];
      const both = defineAutomation("both", { on: [on.manual()] }, async ({ step }) => {
        await Promise.all([
          step.run("long", () => clock.sleep(10_000)).then(() => order.push("long")),
          step.sleep("short", "5s").then(() => step.run("next", () => order.push("short"))),
        ]);
      });
      const started = engine([both]);
      await started.start();
      await runToEnd(started, "both");
      assert.deepEqual(order, ["short", "long"]);
    });
  });
});

describe("step.wait", () => {
  it("goes on with the event that it waits for, and with no other", async () => {
    await withBench(async ({ engine, pass, during, store }) => {
      const started = engine([waits], { slots: 1 });
      await started.start();
      const { runId } = await started.trigger("waits", { path: "a.pdf" });
      await pass(300);
      assert.equal((await store.runs.get(runId))?.status, "waiting");
      await started.emit(Approved, { path: "b.pdf", ok: true });
      await pass(300);
      assert.equal((await store.runs.get(runId))?.status, "waiting");
      await started.emit(Approved, { path: "a.pdf", ok: true });
      assert.equal((await during(started.ended(runId))).output, "true");
    });
  });

  it("sees an event that came before it waited, since its run began", async () => {
    await withBench(async ({ engine, pass, during }) => {
      const started = engine([waits], { slots: 1 });
      await started.emit(Approved, { path: "a.pdf", ok: false }, { id: "too early" });
      const { runId } = await started.trigger("waits", { path: "a.pdf" });
      await started.emit(Approved, { path: "a.pdf", ok: true }, { id: "in time" });
      await started.start();
      await pass(200);
      assert.equal((await during(started.ended(runId))).output, "true");
    });
  });

  it("gives null after its timeout", async () => {
    await withBench(async ({ engine, during, pass, clock, store }) => {
      const started = engine([waits]);
      await started.start();
      const { runId } = await started.trigger("waits", { path: "a.pdf" });
      await pass(1_000);
      clock.jump(7 * DAY - MINUTE);
      await pass(1_000);
      assert.equal((await store.runs.get(runId))?.status, "waiting");
      clock.jump(MINUTE);
      const run = await during(started.ended(runId));
      assert.equal(run.output, '"nobody answered"');
    });
  });

  it("gives null after the bound of all waits where it names no timeout", async () => {
    await withBench(async ({ engine, during, pass, clock, store }) => {
      const patient = defineAutomation("patient", { on: [on.manual()] }, async ({ step }) =>
        step.wait("approve", { for: Approved }),
      );
      const started = engine([patient], { retention: { waits: "30d" } });
      await started.start();
      const { runId } = await started.trigger("patient");
      await pass(1_000);
      clock.jump(30 * DAY - MINUTE);
      await pass(1_000);
      assert.equal((await store.runs.get(runId))?.status, "waiting");
      clock.jump(MINUTE);
      assert.equal((await during(started.ended(runId))).output, "null");
    });
  });

  it("gives each wait of a run an event of its own, and asks `where`", async () => {
    await withBench(async ({ engine, pass, during }) => {
      const collects = defineAutomation("collects", { on: [on.manual()] }, async ({ step }) => {
        const good = await step.wait("good", { for: Approved, where: ({ ok }) => ok });
        const first = await step.wait("any", { for: Approved });
        const second = await step.wait("any", { for: Approved });
        return [good, first, second].map((each) => each?.path);
      });
      const started = engine([collects]);
      await started.start();
      const { runId } = await started.trigger("collects");
      for (const [path, ok] of [
        ["1", false],
        ["2", true],
        ["3", true],
      ] as const) {
        await started.emit(Approved, { path, ok });
        await pass(200);
      }
      assert.equal((await during(started.ended(runId))).output, '["2","1","3"]');
    });
  });

  it("hears an event though another step keeps the run in flight", async () => {
    await withBench(async ({ engine, pass, during, clock }) => {
      const order: string[] = [];
      const both = defineAutomation("both", { on: [on.manual()] }, async ({ step }) => {
        await Promise.all([
          step.run("long", () => clock.sleep(10_000)).then(() => order.push("long")),
          step.wait("approve", { for: Approved }).then(() => order.push("approved")),
        ]);
      });
      const started = engine([both]);
      await started.start();
      const { runId } = await started.trigger("both");
      await pass(500);
      await started.emit(Approved, { path: "x", ok: true });
      await during(started.ended(runId));
      assert.deepEqual(order, ["approved", "long"]);
    });
  });

  it("wakes every run that waits for an event, and starts those that it triggers, once for its id", async () => {
    await withBench(async ({ engine, pass, during, store }) => {
      const follows = defineAutomation(
        "follows",
        { on: [on.event(Approved)] },
        async ({ event: { data, type, id } }) => [type, id, data.path],
      );
      const started = engine([waits, follows]);
      await started.start();
      const runs = [await started.trigger("waits", { path: "p" }), await started.trigger("waits", { path: "p" })];
      await pass(300);
      const emitted = await started.emit(Approved, { path: "p", ok: true }, { id: "e1" });
      const again = await started.emit(Approved, { path: "p", ok: true }, { id: "e1" });
      assert.deepEqual([emitted.isNew, again.isNew, again.runs.length], [true, false, 0]);
      for (const { runId } of [...runs, ...emitted.runs]) await during(started.ended(runId));
      const { runs: followed, total } = await store.runs.list({ automation: "follows", limit: 9 });
      assert.equal(total, 1);
      assert.equal(followed[0]?.output, '["digest.approved","e1","p"]');
      await assert.rejects(started.emitNamed("digest.approved", { path: 1 }), (error) =>
        isErrorCode(error, "INPUT_INVALID"),
      );
      await assert.rejects(started.emitNamed("digest.aproved", {}), (error) => isErrorCode(error, "NOT_FOUND"));
    });
  });
});

describe("step.send and step.call", () => {
  it("sends an event once, though the run is executed again", async () => {
    await withBench(async ({ engine, pass, during, store }) => {
      const sends = defineAutomation("sends", { on: [on.manual()] }, async ({ step }) => {
        await step.send("tell", Approved, { path: "a", ok: true });
        await step.sleep("pause", "10s");
      });
      const started = engine([sends]);
      await started.start();
      const { runId } = await started.trigger("sends");
      await pass(12_000);
      await during(started.ended(runId));
      assert.equal((await store.runs.events({ name: Approved.name, match: null, after: 0, limit: 9 })).length, 1);
    });
  });

  it("calls another automation once, and waits for its result without a slot", async () => {
    await withBench(async ({ engine, during, store }) => {
      let bodies = 0;
      const square = defineAutomation(
        "square",
        { on: [on.manual(z.object({ n: z.number() }))] },
        async ({ event: { data }, step }) => {
          await step.sleep("pause", "5s");
          bodies += 1;
          return data.n ** 2;
        },
      );
      const asks = defineAutomation("asks", { on: [on.manual()] }, async ({ step }) => {
        const [left, right] = await Promise.all([
          step.call("left", square, { n: 3 }),
          step.call("right", "square", { n: 4 }),
        ]);
        return { left, right };
      });
      const started = engine([square, asks], { slots: 1 });
      await started.start();
      const { runId } = await started.trigger("asks");
      assert.equal((await during(started.ended(runId))).output, '{"left":9,"right":16}');
      assert.equal(bodies, 2);
      assert.equal((await store.runs.list({ automation: "square", limit: 9 })).total, 2);
    });
  });

  it("fails when the called run fails, and tries both again", async () => {
    await withBench(async ({ engine, during }) => {
      let isMended = false;
      const weak = defineAutomation("weak", { on: [on.manual()], retry: { attempts: 1 } }, async () => {
        if (!isMended) throw new Error("broken");
        return "whole";
      });
      const asks = defineAutomation("asks", { on: [on.manual()] }, async ({ step }) => step.call("ask", weak));
      const started = engine([weak, asks]);
      await started.start();
      const { runId } = await started.trigger("asks");
      const failed = await during(started.ended(runId));
      assert.deepEqual([failed.status, failed.error?.code], ["failed", "CALLED_FAILED"]);
      assert.match(failed.error?.message ?? "", /broken/);
      isMended = true;
      await started.retry(runId);
      assert.equal((await during(started.ended(runId))).output, '"whole"');
    });
  });
});

describe("step.tx", () => {
  it("writes once with the step's result, and not at all when a statement is refused", async () => {
    await withBench(async ({ engine, runToEnd, store }) => {
      await store.db.write([
        { sql: "create table stock (id text primary key, n integer not null)" },
        { sql: "insert into stock (id, n) values ('a', 3)" },
      ]);
      const takes = defineAutomation(
        "takes",
        { on: [on.manual(z.object({ n: z.number() }))], retry: { attempts: 1 } },
        async ({ event: { data }, step }) => {
          const given = await step.tx("take", () => ({
            write: [
              { sql: "update stock set n = n - :n where id = 'a' and n >= :n", params: { n: data.n }, atLeast: 1 },
            ],
            result: { taken: data.n },
          }));
          await step.sleep("pause", "5s");
          return given.taken;
        },
      );
      const started = engine([takes]);
      await started.start();
      assert.equal((await runToEnd(started, "takes", { n: 2 })).output, "2");
      const refused = await runToEnd(started, "takes", { n: 2 });
      assert.deepEqual([refused.status, refused.error?.code], ["failed", "STEP_REFUSED"]);
      assert.equal((await store.db.get("select n from stock"))?.["n"], 1);
    });
  });
});
