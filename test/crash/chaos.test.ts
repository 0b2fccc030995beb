import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { createSeededRandom, type Random } from "../../src/core/random.ts";
import { type AnyAutomation, type AutomationContext, defineAutomation } from "../../src/runs/automation.ts";
import type { Engine } from "../../src/runs/engine.ts";
import { on } from "../../src/runs/trigger.ts";
import type { RunRecord, RunStore, Store } from "../../src/store/store.ts";
import { type Bench, withBench } from "./engine-harness.ts";

/** How likely each call of the store is to be the last one of its process. */
const CRASH_CHANCE = 0.08;
const SEEDS = Number(process.env["MILLRACE_CHAOS_SEEDS"] ?? 10);
const RUNS = 6;

/** What went wrong, in words; empty when all is well. */
interface Witness {
  readonly violations: string[];
  readonly stored: Set<string>;
  /** The newest claim of each run. */
  readonly epochs: Map<string, number>;
  crashes: number;
  refused: number;
}

interface Life {
  isDead: boolean;
  /** What a dead one still writes: nothing, or as a process that was only paused and does not know. */
  readonly isZombie: boolean;
  readonly died: PromiseWithResolvers<void>;
}

const ZOMBIE_CALLS = new Set(["put", "park", "finish"]);

/** The real store, until the process that uses it dies: before or after what it asked for was committed. */
function mortal(runs: RunStore, life: Life, witness: Witness, random: Random): RunStore {
  function die(): Promise<never> {
    if (!life.isDead) witness.crashes += 1;
    life.isDead = true;
    life.died.resolve();
    return new Promise(() => undefined);
  }
  function note(name: string, params: unknown, result: unknown): void {
    if (result === "fenced" || result === false) witness.refused += 1;
    if (name === "claim") for (const { id, epoch } of result as RunRecord[]) witness.epochs.set(id, epoch);
    if (name !== "put" || result !== "stored") return;
    const { runId, epoch, step } = params as Parameters<RunStore["put"]>[0];
    const id = `${runId} ${step.id}`;
    if (epoch !== witness.epochs.get(runId)) witness.violations.push(`${id} was written under an old claim`);
    if (step.state === "open") return;
    if (witness.stored.has(id)) witness.violations.push(`${id} was stored twice`);
    witness.stored.add(id);
  }
  return new Proxy(runs, {
    get(target, name) {
      const call = Reflect.get(target, name) as (params: unknown) => Promise<unknown>;
      return async (params: unknown) => {
        const wasDead = life.isDead;
        if (wasDead && !(life.isZombie && ZOMBIE_CALLS.has(String(name)))) return die();
        if (!wasDead && random.next() < CRASH_CHANCE / 2) return die();
        const result = await call.call(target, params);
        note(String(name), params, result);
        return !wasDead && random.next() < CRASH_CHANCE / 2 ? die() : result;
      };
    },
  });
}

/** A run with steps side by side, one that fails at first, a long backoff, and a map in which one item fails for good. */
function winding(life: Life, witness: Witness): AnyAutomation {
  function begin(run: string, id: string): void {
    const step = `${run} ${id}`;
    if (!life.isDead && witness.stored.has(step)) witness.violations.push(`${step} ran again`);
  }
  return defineAutomation("winding", { on: [on.manual()] }, async ({ step, run }: AutomationContext<unknown>) => {
    const [left, right] = await Promise.all([
      step.run("left", () => {
        begin(run.id, "left");
        return 1;
      }),
      step.run("right", ({ attempt }) => {
        begin(run.id, "right");
        if (attempt < 3) throw Object.assign(new Error("away"), { retryAfterMs: 1_500 });
        return 2;
      }),
    ]);
    const { done, failed } = await step.map(
      "each",
      [1, 2, 3, 4, 5, 6, 7],
      (item, { attempt }) => {
        begin(run.id, `each:${item}`);
        if (item === 4) throw Object.assign(new Error("never"), { isRetryable: false });
        if (item === 5 && attempt === 1) throw new Error("away");
        return item * 10;
      },
      { parallel: 3, key: (item) => String(item), retry: { backoffMs: 200 } },
    );
    return { sum: left + right + done.reduce((a, b) => a + b, 0), failed: failed.map(({ item }) => item) };
  });
}

/** Lets processes live and die on one store until all runs have ended. */
async function liveThrough(bench: Bench, random: Random, witness: Witness): Promise<void> {
  const keys = Array.from({ length: RUNS }, (_, index) => `run ${index}`);
  for (let lives = 0; ; lives++) {
    assert.ok(lives < 500, "they die too often");
    // A crash limit would give up runs for what the test does to them: a step stored between resets it, deaths while starting count too.
    const life: Life = { isDead: false, isZombie: random.next() < 0.5, died: Promise.withResolvers() };
    const store: Pick<Store, "runs" | "db" | "own" | "hasOutsideChanges"> = {
      runs: patient(mortal(bench.store.runs, life, witness, random)),
      db: bench.store.db,
      own: () => bench.store.own(),
      hasOutsideChanges: () => bench.store.hasOutsideChanges(),
    };
    const engine = bench.engine([winding(life, witness)], { store, slots: 3 });
    const whole = runAll(engine, keys).then(() => "whole" as const);
    const outcome = await bench.during(Promise.race([whole, life.died.promise.then(() => "died" as const)]));
    if (outcome === "whole") return;
  }
}

async function runAll(engine: Engine, keys: readonly string[]): Promise<void> {
  await engine.start();
  const started = await Promise.all(keys.map((key) => engine.trigger("winding", {}, { key })));
  await Promise.all(started.map(({ runId }) => engine.ended(runId)));
}

/** Recovers without a crash limit: here processes die far more often than in life. */
function patient(runs: RunStore): RunStore {
  return { ...bound(runs), recover: ({ now }) => runs.recover({ now, crashLimit: 1_000 }) };
}

function bound(runs: RunStore): RunStore {
  const names: readonly (keyof RunStore)[] = [
    ...(["admit", "claim", "nextDueAt", "steps", "put", "park", "finish", "cancel", "retry", "recover"] as const),
    ...(["lostClaims", "get", "list", "findUnfinished", "putSchedule", "dropSchedule", "schedules", "fire"] as const),
    ...(["forget", "forgetEvents", "undo", "emit", "events", "holders"] as const),
  ];
  return Object.fromEntries(names.map((name) => [name, runs[name]])) as unknown as RunStore;
}

describe("processes that die at any call of the store", () => {
  const base = Number(process.env["MILLRACE_CHAOS_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
  for (let seed = base; seed < base + SEEDS; seed++) {
    it(`leave every run whole, no step stored twice, none run again (seed ${seed})`, async (t) => {
      const random = createSeededRandom(seed);
      const witness: Witness = { violations: [], stored: new Set(), epochs: new Map(), crashes: 0, refused: 0 };
      await withBench(
        async (bench) => {
          await liveThrough(bench, random, witness);
          const { runs } = await bench.store.runs.list({ limit: 100 });
          assert.equal(runs.length, RUNS);
          for (const { status, output } of runs) {
            assert.deepEqual([status, output], ["done", '{"sum":243,"failed":[4]}']);
          }
          assert.deepEqual(witness.violations, []);
          t.diagnostic(`${witness.crashes} crashes, ${witness.refused} refused writes`);
        },
        { seed, closes: false },
      );
    });
  }
});
