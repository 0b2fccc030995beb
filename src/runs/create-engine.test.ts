import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { z } from "zod";

import { silentLog, withBench } from "../../test/crash/engine-harness.ts";
import { createEvents } from "../core/events.ts";
import { createIds } from "../core/ids.ts";
import { createSeededRandom } from "../core/random.ts";
import { type ErrorCode, isErrorCode, MillraceError } from "../core/errors.ts";
import { openSqliteStore } from "../store/sqlite/open.ts";
import type { RunStore, Store } from "../store/store.ts";
import { defineAutomation, type ManualTrigger } from "./automation.ts";
import { createEngine, type EngineOptions } from "./create-engine.ts";
import { on } from "./trigger.ts";

const hello = defineAutomation("hello", { on: [on.manual(z.object({ name: z.string() }))] }, async ({ event, step }) =>
  step.run("greet", () => `hello ${event.data.name}`),
);

/** An automation whose step ends when the test says so. */
function gated(name = "gated") {
  const gate = Promise.withResolvers<string>();
  const started = Promise.withResolvers<AbortSignal>();
  const automation = defineAutomation(name, { on: [on.manual()] }, async ({ step }) =>
    step.run("wait", ({ signal }) => {
      started.resolve(signal);
      return gate.promise;
    }),
  );
  return { automation, gate, started: started.promise };
}

function hasCode(code: ErrorCode, ...parts: readonly string[]) {
  return (error: unknown) => isErrorCode(error, code) && parts.every((part) => error.message.includes(part));
}

describe("createEngine", () => {
  it("runs an automation to its end, and tells of it", async () => {
    await withBench(async ({ engine, seen, runToEnd }) => {
      const started = engine([hello]);
      assert.equal(await started.start(), "owner");
      const run = await runToEnd(started, "hello", { name: "Ada" });
      assert.equal(run.status, "done");
      assert.equal(run.output, '"hello Ada"');
      assert.deepEqual(
        seen.map(({ name }) => name),
        ["run-queued", "run-start", "step-start", "step-end", "run-end"],
      );
    });
  });

  it("gives the run its event, its services and its id", async () => {
    await withBench(async ({ engine, runToEnd }) => {
      const shows = defineAutomation<readonly [ManualTrigger<unknown>], unknown, { lamp: string }>(
        "shows",
        { on: [on.manual()] },
        async ({ event, run, lamp }) => ({ event, run, lamp }),
      );
      const started = engine([shows], { services: ({ id }) => ({ lamp: `lamp of ${id}` }) });
      await started.start();
      const run = await runToEnd(started, "shows", { a: 1 });
      assert.deepEqual(JSON.parse(run.output ?? ""), {
        event: { type: "manual", id: run.id, at: "2026-06-01T12:00:00.000Z", data: { a: 1 } },
        run: { id: run.id, attempt: 1 },
        lamp: `lamp of ${run.id}`,
      });
    });
  });

  it("refuses two automations of one name", async () => {
    await withBench(async ({ engine }) => {
      assert.throws(() => engine([hello, hello]), hasCode("AUTOMATION_DUPLICATE", "hello"));
    });
  });

  it("refuses a schedule or a zone that cannot be read, by the automation's name", async () => {
    await withBench(async ({ engine }) => {
      const bad = defineAutomation("bad", { on: [on.cron("0 25 * * *")] }, async () => null);
      assert.throws(() => engine([bad]), hasCode("SCHEDULE_INVALID", "bad", "0 25 * * *"));
      const lost = defineAutomation(
        "lost",
        { on: [on.cron("0 3 * * *", { timezone: "Mars/Base" })] },
        async () => null,
      );
      assert.throws(() => engine([lost]), hasCode("TIMEZONE_INVALID", "lost", "Mars/Base"));
    });
  });

  it("executes no more runs at once than it has slots", async () => {
    await withBench(async ({ engine, during }) => {
      let running = 0;
      let most = 0;
      const busy = defineAutomation("busy", { on: [on.manual()] }, async ({ step }) =>
        step.run("work", async () => {
          most = Math.max(most, ++running);
          await new Promise((resolve) => setImmediate(resolve));
          running -= 1;
        }),
      );
      const started = engine([busy], { slots: 3 });
      await started.start();
      const admitted = await Promise.all(Array.from({ length: 20 }, () => started.trigger("busy")));
      const ended = await during(Promise.all(admitted.map(({ runId }) => started.ended(runId))));
      assert.ok(ended.every(({ status }) => status === "done"));
      assert.equal(most, 3);
    });
  });
});

describe("the loop", () => {
  it("leaves no run behind that is admitted while a look for runs ends", { timeout: 20_000 }, async () => {
    await withBench(async (bench) => {
      let isCaught = false;
      let turns = 0;
      let caught = Promise.withResolvers<unknown>();
      // A run is stored after a claim found nothing, and told of some turns of the microtask queue before or after the look ends.
      const runs: RunStore = {
        ...bench.store.runs,
        async nextDueAt(params) {
          if (!isCaught) return bench.store.runs.nextDueAt(params);
          isCaught = false;
          const { runId } = await bench.store.runs.admit({
            id: `run ${turns}`,
            automation: "hello",
            event: '{"data":{"name":"late"},"type":"manual"}',
            now: bench.clock.now(),
          });
          caught.resolve(engine.trigger("hello", { name: "late" }, { key: runId }));
          await later(turns);
          return undefined;
        },
        admit: async (params) =>
          params.key?.startsWith("run ") === true
            ? { runId: params.key, isNew: true, isDropped: false }
            : bench.store.runs.admit(params),
      };
      const store = { runs, db: bench.store.db, own: () => bench.store.own(), hasOutsideChanges: () => false };
      const engine = bench.engine([hello], { store });
      await engine.start();
      for (turns = 0; turns < 40; turns++) {
        caught = Promise.withResolvers();
        const { runId } = await engine.trigger("hello", { name: "early" });
        await engine.ended(runId);
        isCaught = true;
        await caught.promise;
        await engine.ended(`run ${turns}`);
      }
    });
  });
});

/** Resolves some turns of the microtask queue later. */
async function later(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await Promise.resolve();
}

describe("trigger", () => {
  it("names the known automations and the one that was meant", async () => {
    await withBench(async ({ engine }) => {
      await assert.rejects(
        engine([hello]).trigger("helo"),
        hasCode("AUTOMATION_UNKNOWN", '"hello"', "Known are: hello"),
      );
    });
  });

  it("lists every mistake of an input by its pointer, and starts nothing", async () => {
    await withBench(async ({ engine, store }) => {
      const strict = defineAutomation(
        "strict",
        { on: [on.manual(z.object({ path: z.string(), size: z.object({ limit: z.number() }) }))] },
        async () => null,
      );
      const refused = await engine([strict])
        .trigger("strict", { path: 1, size: { limit: "x" } })
        .catch((error: unknown) => error);
      assert.ok(isErrorCode(refused, "INPUT_INVALID"));
      const pointers = (refused.facts["errors"] as { pointer: string }[]).map(({ pointer }) => pointer);
      assert.deepEqual(pointers, ["/path", "/size/limit"]);
      assert.equal((await store.runs.list({ limit: 1 })).total, 0);
    });
  });

  it("takes no input for an empty object", async () => {
    await withBench(async ({ engine, runToEnd }) => {
      const lenient = defineAutomation(
        "lenient",
        { on: [on.manual(z.object({ limit: z.number().default(10) }))] },
        async ({ event }) => event.data,
      );
      const started = engine([lenient]);
      await started.start();
      assert.equal((await runToEnd(started, "lenient")).output, '{"limit":10}');
    });
  });

  it("starts an automation that only has a clock as if its time had come", async () => {
    await withBench(async ({ engine, runToEnd }) => {
      const daily = defineAutomation("daily", { on: [on.cron("0 3 * * *")] }, async ({ event }) => event);
      const started = engine([daily]);
      await started.start();
      const run = await runToEnd(started, "daily");
      const at = "2026-06-01T12:00:00.000Z";
      assert.deepEqual(JSON.parse(run.output ?? ""), { type: "cron", id: run.id, at, data: { scheduledFor: at } });
      await assert.rejects(started.trigger("daily", { a: 1 }), hasCode("INPUT_INVALID", "daily"));
    });
  });

  it("starts one run for one idempotency key, given or computed", async () => {
    await withBench(async ({ engine, runToEnd }) => {
      const keyed = defineAutomation(
        "keyed",
        { on: [on.manual(z.object({ hash: z.string() }))], key: (event) => event.data.hash },
        async () => null,
      );
      const started = engine([keyed, hello]);
      await started.start();
      const first = await runToEnd(started, "keyed", { hash: "a" });
      assert.deepEqual(await started.trigger("keyed", { hash: "a" }), { runId: first.id, isNew: false });
      assert.equal((await started.trigger("keyed", { hash: "b" })).isNew, true);
      const given = await started.trigger("hello", { name: "Ada" }, { key: "once" });
      assert.deepEqual(await started.trigger("hello", { name: "Bob" }, { key: "once" }), { ...given, isNew: false });
    });
  });

  it("joins an unfinished run of the same input, whatever the order of its fields", async () => {
    await withBench(async ({ engine, during }) => {
      const { automation, gate } = gated();
      const started = engine([automation]);
      await started.start();
      const first = await started.trigger("gated", { a: 1, b: 2 });
      const joins = await Promise.all([
        started.trigger("gated", { b: 2, a: 1 }, { join: true }),
        started.trigger("gated", { a: 2 }, { join: true }),
        started.trigger("gated", { a: 2 }, { join: true }),
      ]);
      assert.deepEqual(joins[0], { runId: first.runId, isNew: false });
      assert.deepEqual(
        joins.map(({ isNew }) => isNew),
        [false, true, false],
      );
      gate.resolve("open");
      await during(started.ended(first.runId));
      assert.equal((await started.trigger("gated", { a: 1, b: 2 }, { join: true })).isNew, true);
    });
  });

  it("joins an unfinished run that was started by hand instead of a clock", async () => {
    await withBench(async ({ engine, pass }) => {
      const gate = Promise.withResolvers<void>();
      const daily = defineAutomation("daily", { on: [on.cron("0 3 * * *")] }, async ({ step }) =>
        step.run("wait", () => gate.promise),
      );
      const started = engine([daily]);
      await started.start();
      const first = await started.trigger("daily");
      await pass(5_000);
      assert.deepEqual(await started.trigger("daily", undefined, { join: true }), { ...first, isNew: false });
      gate.resolve();
    });
  });
});

describe("ended", () => {
  it("knows no run that is not there", async () => {
    await withBench(async ({ engine }) => {
      await assert.rejects(engine([hello]).ended("nobody"), hasCode("RUN_UNKNOWN", "nobody"));
    });
  });

  it("stops waiting when its signal fires", async () => {
    await withBench(async ({ engine }) => {
      const { automation, gate } = gated();
      const started = engine([automation]);
      await started.start();
      const { runId } = await started.trigger("gated");
      const stop = new AbortController();
      const ended = started.ended(runId, stop.signal);
      stop.abort(new Error("enough"));
      await assert.rejects(ended, /enough/);
      gate.resolve("open");
    });
  });
});

describe("cancel", () => {
  it("fires the signal of the step in flight at once, and stores nothing of it any more", async () => {
    await withBench(async ({ engine, store, seen, pass }) => {
      const { automation, gate, started } = gated();
      const owner = engine([automation]);
      await owner.start();
      const { runId } = await owner.trigger("gated");
      const signal = await started;
      await owner.cancel(runId);
      assert.ok(isErrorCode(signal.reason, "RUN_CANCELED"));
      assert.equal((await owner.ended(runId)).status, "canceled");
      gate.resolve("too late");
      await pass(1_000);
      assert.deepEqual(await store.runs.steps(runId), []);
      assert.equal(seen.filter(({ name }) => name === "run-end").length, 1);
    });
  });

  it("refuses a run that has ended, and one that is not there", async () => {
    await withBench(async ({ engine, runToEnd }) => {
      const started = engine([hello]);
      await started.start();
      const { id } = await runToEnd(started, "hello", { name: "Ada" });
      await assert.rejects(started.cancel(id), hasCode("RUN_STATE", "done"));
      await assert.rejects(started.retry(id), hasCode("RUN_STATE", "done"));
      await assert.rejects(started.cancel("nobody"), hasCode("RUN_UNKNOWN"));
      await assert.rejects(started.retry("nobody"), hasCode("RUN_UNKNOWN"));
    });
  });
});

describe("retry", () => {
  it("keeps what was finished, and does again what had failed", async () => {
    await withBench(async ({ engine, during, runToEnd }) => {
      const calls: string[] = [];
      let isBroken = true;
      const twoSteps = defineAutomation("two", { on: [on.manual()], retry: { attempts: 1 } }, async ({ step }) => {
        await step.run("first", () => void calls.push("first"));
        return step.run("second", () => {
          calls.push("second");
          if (isBroken) throw new Error("away");
          return "whole";
        });
      });
      const started = engine([twoSteps]);
      await started.start();
      const failed = await runToEnd(started, "two");
      assert.equal(failed.status, "failed");
      assert.equal(failed.error?.message, 'Step "second" failed: away');
      isBroken = false;
      await started.retry(failed.id);
      const done = await during(started.ended(failed.id));
      assert.deepEqual([done.status, done.output], ["done", '"whole"']);
      assert.deepEqual(calls, ["first", "second", "second"]);
    });
  });
});

describe("several processes", () => {
  it("stops a run here that another process canceled, and stores nothing of it any more", async () => {
    await withBench(async (bench) => {
      const { automation, gate, started } = gated();
      const owner = bench.engine([automation]);
      await owner.start();
      const { runId } = await owner.trigger("gated");
      const signal = await started;
      const { location } = await bench.store.describe();
      const directory = new URL(".", `file://${location}`).pathname;
      const otherStore = await openSqliteStore({ directory, clock: bench.clock, log: silentLog });
      await bench.engine([automation], { store: otherStore, events: createEvents() }).cancel(runId);
      await otherStore.close();
      assert.equal((await bench.during(owner.ended(runId))).status, "canceled");
      assert.ok(isErrorCode(signal.reason, "RUN_CANCELED"));
      gate.resolve("too late");
      await bench.pass(500);
      assert.deepEqual(await bench.store.runs.steps(runId), []);
      assert.deepEqual(
        bench.seen.filter(({ name }) => name === "run-end").map(({ event }) => "status" in event && event.status),
        ["canceled"],
      );
    });
  });
});

describe("a run that somebody else took over", () => {
  it("is left alone: its write is refused, its signal fires, its slot is free", async () => {
    await withBench(async (bench) => {
      const { automation, gate, started } = gated();
      const engine = bench.engine([automation, hello], { slots: 1 });
      await engine.start();
      const { runId } = await engine.trigger("gated");
      const signal = await started;
      const now = bench.clock.now();
      await bench.store.runs.recover({ now, crashLimit: 5 });
      const [taken] = await bench.store.runs.claim({ workerId: "other", automations: ["gated"], limit: 1, now });
      assert.equal(taken?.id, runId);
      gate.resolve("too late");
      assert.equal((await bench.runToEnd(engine, "hello", { name: "Ada" })).status, "done");
      assert.equal(signal.aborted, true);
      assert.deepEqual(await bench.store.runs.steps(runId), []);
      assert.equal((await bench.store.runs.get(runId))?.epoch, taken?.epoch);
    });
  });
});

describe("a run that is given up because its process keeps dying", () => {
  it("is told of as failed, to those who wait for it, too", async () => {
    await withBench(async (bench) => {
      const { runs } = bench.store;
      const { runId } = await runs.admit({ id: "poison", automation: "hello", event: '{"type":"manual"}', now: 0 });
      for (let crash = 1; crash <= 5; crash++) {
        await runs.claim({ workerId: "dead", automations: ["hello"], limit: 1, now: bench.clock.now() });
        if (crash < 5) await runs.recover({ now: bench.clock.now(), crashLimit: 5 });
      }
      const engine = bench.engine([hello]);
      const waiting = engine.ended(runId);
      await engine.start();
      assert.equal((await bench.during(waiting)).error?.code, "RUN_CRASHED");
      const told = bench.seen.filter(({ name }) => name === "run-end").map(({ event }) => event);
      assert.deepEqual(
        told.map((event) => "status" in event && [event.runId, event.status, event.error?.code]),
        [["poison", "failed", "RUN_CRASHED"]],
      );
    });
  });
});

describe("a store that cannot write for a while", () => {
  /** The real store, which refuses some of what it is asked. */
  function failing(store: Store, fails: (name: string, times: number) => boolean): EngineOptions["store"] {
    const times = new Map<string, number>();
    const runs = new Proxy(store.runs, {
      get(target, name: string) {
        const full = new MillraceError("STORE_COMMIT_FAILED", "disk full", { isRetryable: false });
        const call = Reflect.get(target, name) as (params: unknown) => Promise<unknown>;
        return (params: unknown) => {
          times.set(name, (times.get(name) ?? 0) + 1);
          if (fails(name, times.get(name) ?? 0)) return Promise.reject(full);
          return call(params);
        };
      },
    });
    return { runs, db: store.db, own: () => store.own(), hasOutsideChanges: () => store.hasOutsideChanges() };
  }

  for (const broken of ["put", "finish", "steps", "claim", "park"]) {
    it(`brings a run to its end all the same when "${broken}" fails`, async () => {
      await withBench(async (bench) => {
        const store = failing(bench.store, (name, times) => name === broken && times <= 2);
        const flaky = defineAutomation("flaky", { on: [on.manual()], retry: { attempts: 2 } }, ({ step }) =>
          step.run("work", ({ attempt }) => {
            if (attempt === 1) throw Object.assign(new Error("away"), { retryAfterMs: 2_000 });
            return "whole";
          }),
        );
        const engine = bench.engine([flaky], { store });
        await engine.start();
        const run = await bench.runToEnd(engine, "flaky");
        assert.deepEqual([run.status, run.output], ["done", '"whole"']);
      });
    });
  }
});

describe("a store that is full for minutes", () => {
  it("costs no answer: the step is not asked again, and its neighbours in other runs go on afterwards", async () => {
    await withBench(async (bench) => {
      let isFull = true;
      let refused = 0;
      let asked = 0;
      const runs = {
        ...bench.store.runs,
        put(params: Parameters<Store["runs"]["put"]>[0]) {
          if (!isFull) return bench.store.runs.put(params);
          refused += 1;
          return Promise.reject(new MillraceError("STORE_COMMIT_FAILED", "disk full", { isRetryable: true }));
        },
      };
      const dear = defineAutomation("dear", { on: [on.manual()] }, ({ step }) => step.run("ask", () => ++asked));
      const engine = bench.engine([dear], {
        store: {
          runs,
          db: bench.store.db,
          own: () => bench.store.own(),
          hasOutsideChanges: () => bench.store.hasOutsideChanges(),
        },
      });
      await engine.start();
      const { runId } = await engine.trigger("dear");
      await bench.pass(300_000, 1_000);
      assert.ok(refused > 5 && refused < 20, `${refused} tries`);
      isFull = false;
      const run = await bench.during(engine.ended(runId));
      assert.deepEqual([run.status, run.output, run.attempt, asked], ["done", "1", 0, 1]);
    });
  });
});

describe("retention", () => {
  it("forgets runs 30 days after their end, and no other", async () => {
    await withBench(async (bench) => {
      const engine = bench.engine([hello]);
      await engine.start();
      const old = await bench.runToEnd(engine, "hello", { name: "old" });
      bench.clock.jump(29 * 86_400_000);
      const young = await bench.runToEnd(engine, "hello", { name: "young" });
      await bench.during(engine.close());
      bench.clock.jump(86_400_000);
      const next = bench.engine([hello]);
      await next.start();
      await bench.pass(300);
      const { runs } = await bench.store.runs.list({ limit: 10 });
      assert.deepEqual(
        runs.map(({ id }) => id),
        [young.id],
      );
      await assert.rejects(next.ended(old.id), hasCode("RUN_UNKNOWN"));
    });
  });
});

describe("automations", () => {
  it("says what starts each one, and when the clock does next", async () => {
    await withBench(async ({ engine }) => {
      const options = { description: "Looks at the day.", on: [on.cron("0 3 * * *"), on.manual()] } as const;
      const started = engine([defineAutomation("daily", options, async () => null)]);
      await started.start();
      assert.deepEqual(await started.automations(), [
        {
          name: "daily",
          description: "Looks at the day.",
          triggers: [
            {
              kind: "cron",
              expression: "0 3 * * *",
              timezone: "Europe/Amsterdam",
              nextAt: Date.parse("2026-06-02T01:00:00Z"),
            },
            { kind: "manual" },
          ],
        },
      ]);
    });
  });
});

describe("close", () => {
  it("lets a step in flight end within its grace, and goes on with the next one at the next start", async () => {
    await withBench(async ({ engine, clock, during }) => {
      const calls: string[] = [];
      const gate = Promise.withResolvers<void>();
      const first = Promise.withResolvers<void>();
      const slow = defineAutomation("slow", { on: [on.manual()] }, async ({ step }) => {
        await step.run("first", async () => {
          calls.push("first");
          first.resolve();
          await gate.promise;
        });
        return step.run("second", () => calls.push("second"));
      });
      const before = engine([slow]);
      await before.start();
      const { runId } = await before.trigger("slow");
      await first.promise;
      const closing = before.close();
      gate.resolve();
      await during(closing);
      assert.deepEqual(calls, ["first"]);
      const stoppedAt = clock.now();
      const after = engine([slow]);
      await after.start();
      const run = await during(after.ended(runId));
      assert.deepEqual([run.status, run.crashes, calls], ["done", 0, ["first", "second"]]);
      assert.ok(clock.now() - stoppedAt < 1_000);
    });
  });

  it("aborts what is still busy after 10 s, and gives it back without counting an attempt or a crash", async () => {
    await withBench(async ({ engine, store, clock, during }) => {
      const { automation, started } = gated();
      const owner = engine([automation]);
      await owner.start();
      const { runId } = await owner.trigger("gated");
      const signal = await started;
      const closedAt = clock.now();
      const waiting = owner.ended(runId);
      waiting.catch(() => undefined);
      await during(owner.close());
      assert.equal(clock.now() - closedAt >= 10_000 && clock.now() - closedAt < 11_000, true);
      assert.equal(signal.aborted, true);
      const run = await store.runs.get(runId);
      assert.deepEqual([run?.status, run?.attempt, run?.crashes], ["queued", 0, 0]);
      await assert.rejects(waiting, (error) => error instanceof MillraceError);
    });
  });
});

describe("a guest", () => {
  it("admits only, sees the end of what the owner executes, and takes over when the owner has gone", async () => {
    await withBench(async ({ store, clock, engine, during, pass }) => {
      const { location } = await store.describe();
      const directory = new URL(".", `file://${location}`).pathname;
      const otherStore = await openSqliteStore({ directory, clock, log: silentLog });
      const random = createSeededRandom(2);
      const owner = createEngine({
        store: otherStore,
        automations: [hello],
        services: () => ({}),
        clock,
        random,
        ids: createIds({ clock, random }),
        events: createEvents(),
        log: silentLog,
        timezone: "UTC",
      });
      assert.equal(await owner.start(), "owner");
      const guest = engine([hello]);
      assert.equal(await guest.start(), "guest");

      const { runId } = await guest.trigger("hello", { name: "guest" });
      assert.equal((await during(guest.ended(runId))).output, '"hello guest"');

      await during(owner.close());
      const left = await guest.trigger("hello", { name: "heir" });
      await pass(3_000);
      assert.equal((await store.runs.get(left.runId))?.status, "queued");
      await otherStore.close();
      assert.equal((await during(guest.ended(left.runId))).output, '"hello heir"');
    });
  });
});
