import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { withBench } from "../../test/crash/engine-harness.ts";
import { MillraceError } from "../core/errors.ts";
import type { RunStore } from "../store/store.ts";
import { type AnyAutomation, defineAutomation } from "./automation.ts";
import { on } from "./trigger.ts";

interface Trip {
  readonly log: string[];
  readonly automation: AnyAutomation;
}

/** Books three things, each with what undoes it, and then ends as it is told. */
function trip(end: () => unknown, undo: (what: string) => void = () => undefined): Trip {
  const log: string[] = [];
  const automation = defineAutomation(
    "trip",
    {
      on: [on.manual()],
      retry: { attempts: 1 },
      onFailure: ({ error }) => void log.push(`told ${error.message}`),
    },
    async ({ step }) => {
      for (const what of ["flight", "hotel", "car"]) {
        await step.run(what, () => log.push(`book ${what}`) && `${what} 7`, {
          compensate(ticket) {
            undo(what);
            log.push(`cancel ${ticket}`);
          },
        });
      }
      await step.run("unbound", () => 1);
      await end();
      return "booked";
    },
  );
  return { log, automation };
}

const BOOKED = ["book flight", "book hotel", "book car"];
const CANCELED = ["cancel car 7", "cancel hotel 7", "cancel flight 7"];

describe("compensation", () => {
  it("undoes what is done in reverse order when the run fails, then tells", async () => {
    await withBench(async ({ engine, runToEnd, store, seen }) => {
      const { log, automation } = trip(() => {
        throw new Error("no visa");
      });
      const started = engine([automation]);
      await started.start();
      const run = await runToEnd(started, "trip");
      assert.deepEqual([run.status, run.error?.message, run.undoing], ["failed", "no visa", null]);
      assert.deepEqual(log, [...BOOKED, ...CANCELED, "told no visa"]);
      const undone = (await store.runs.steps(run.id)).map(({ id }) => id).filter((id) => id.startsWith("#"));
      assert.deepEqual(undone, ["#failure", "#undo:car", "#undo:flight", "#undo:hotel"]);
      assert.equal(seen.filter(({ name }) => name === "run-end").length, 1);
      const { why } = await started.explain(run.id);
      assert.ok(
        why.some((line) => line.startsWith("Undone were: car, flight, hotel")),
        why.join("\n"),
      );
    });
  });

  it("undoes nothing when all is well", async () => {
    await withBench(async ({ engine, runToEnd }) => {
      const { log, automation } = trip(() => undefined);
      const started = engine([automation]);
      await started.start();
      assert.equal((await runToEnd(started, "trip")).status, "done");
      assert.deepEqual(log, BOOKED);
    });
  });

  it("undoes what is done when the run is canceled, wherever it stands", async () => {
    for (const isParked of [true, false]) {
      await withBench(async ({ engine, pass, during, clock }) => {
        const { log, automation } = trip(() => (isParked ? undefined : clock.sleep(60_000)));
        const parks: AnyAutomation = {
          ...automation,
          async run(context: Parameters<AnyAutomation["run"]>[0]) {
            await automation.run(context);
            if (isParked) await context.step.sleep("long", "1d");
          },
        };
        const started = engine([parks]);
        await started.start();
        const { runId } = await started.trigger("trip");
        await pass(500);
        await started.cancel(runId);
        const run = await during(started.ended(runId));
        assert.equal(run.status, "canceled");
        assert.deepEqual(log, [...BOOKED, ...CANCELED], "a cancelation is no failure to tell of");
        await started.retry(runId);
        await pass(1_000);
        assert.deepEqual(log.slice(6), BOOKED, "what was undone is done again");
      });
    }
  });

  it("undoes a canceled run also when it is claimed again before whoever canceled it has heard", async () => {
    await withBench(async ({ engine, pass, during, clock, store }) => {
      const { log, automation } = trip(() => clock.sleep(60_000));
      const other = defineAutomation("other", { on: [on.manual()] }, async () => null);
      const runs: RunStore = {
        ...store.runs,
        async cancel(params) {
          const isCanceled = await store.runs.cancel(params);
          // Another run is started meanwhile, and the claim for it takes the canceled one, too.
          await started.trigger("other");
          await pass(300);
          return isCanceled;
        },
      };
      const started = engine([automation, other], { store: { ...store, runs } });
      await started.start();
      const { runId } = await started.trigger("trip");
      await pass(500);
      await during(started.cancel(runId));
      assert.equal((await during(started.ended(runId))).status, "canceled");
      assert.deepEqual(log, [...BOOKED, ...CANCELED]);
    });
  });

  it("goes on undoing where a dead process was, and undoes nothing twice", async () => {
    await withBench(
      async ({ engine, during, store, pass }) => {
        let isDead = false;
        const { log, automation } = trip(
          () => {
            throw new Error("no visa");
          },
          (what) => {
            if (what === "hotel" && !isDead) {
              isDead = true;
              throw new Error("the line is dead");
            }
          },
        );
        const runs = { ...store.runs };
        // The process dies when it has undone the car: nothing that it asks afterwards is answered.
        const put: typeof runs.put = (params) =>
          isDead && params.step.id === "#undo:hotel" ? new Promise(() => undefined) : store.runs.put(params);
        const first = engine([automation], {
          store: { runs: { ...runs, put }, db: store.db, own: () => store.own(), hasOutsideChanges: () => false },
        });
        await first.start();
        const { runId } = await first.trigger("trip");
        await pass(1_000);
        assert.deepEqual(log.slice(3), ["cancel car 7"]);
        const second = engine([automation]);
        await second.start();
        const run = await during(second.ended(runId));
        assert.deepEqual([run.status, run.error?.message], ["failed", "no visa"]);
        assert.deepEqual(log, [...BOOKED, ...CANCELED, "told no visa"]);
      },
      { closes: false },
    );
  });

  it("undoes the others when one cannot be undone, and says which", async () => {
    await withBench(async ({ engine, runToEnd }) => {
      const { log, automation } = trip(
        () => {
          throw new Error("no visa");
        },
        (what) => {
          if (what === "hotel") throw new Error("no refund");
        },
      );
      const started = engine([automation]);
      await started.start();
      const run = await runToEnd(started, "trip");
      assert.equal(run.error?.code, "UNDO_FAILED");
      assert.match(run.error?.message ?? "", /no visa.*could not be undone: hotel/);
      assert.deepEqual(log.slice(3), ["cancel car 7", "cancel flight 7", "told no visa"]);
    });
  });

  it("fails and undoes a run that takes too long, sleeping or working", async () => {
    for (const isAsleep of [true, false]) {
      await withBench(async ({ engine, during, clock }) => {
        const log: string[] = [];
        let isAborted = false;
        const slow = defineAutomation("slow", { on: [on.manual()], timeoutMs: 5_000 }, async ({ step, signal }) => {
          await step.run("book", () => log.push("book"), { compensate: () => void log.push("cancel") });
          signal.addEventListener("abort", () => (isAborted = true));
          if (isAsleep) await step.sleep("long", "1h");
          else await step.run("stuck", () => new Promise(() => undefined));
        });
        const begin = clock.now();
        const started = engine([slow]);
        await started.start();
        const { runId } = await started.trigger("slow");
        const run = await during(started.ended(runId));
        assert.deepEqual([run.status, run.error?.code], ["failed", "RUN_TIMEOUT"]);
        assert.deepEqual(log, ["book", "cancel"]);
        const took = (run.endedAt ?? 0) - begin;
        assert.ok(took >= 5_000 && took < 7_000, `${took} ms`);
        if (!isAsleep) assert.ok(isAborted);
      });
    }
  });

  it("undoes what was stored also when the store had not said so before the run's time was up", async () => {
    await withBench(async ({ store, engine, during }) => {
      const log: string[] = [];
      const slow = defineAutomation("slow", { on: [on.manual()], timeoutMs: 2_000 }, async ({ step }) => {
        await step.run("book", () => log.push("book"), { compensate: () => void log.push("cancel") });
      });
      let lost = 0;
      const runs: RunStore = {
        ...store.runs,
        async put(params) {
          const result = await store.runs.put(params);
          if (params.step.id !== "book" || lost === 2) return result;
          lost += 1;
          throw new MillraceError("STORE_FAILED", "The connection was lost.", { isRetryable: true });
        },
      };
      const started = engine([slow], { store: { ...store, runs } });
      await started.start();
      const { runId } = await started.trigger("slow");
      const run = await during(started.ended(runId));
      assert.deepEqual([run.status, run.error?.code], ["failed", "RUN_TIMEOUT"]);
      assert.deepEqual([log, lost], [["book", "cancel"], 2]);
    });
  });
});
