import { createEvents, type EventMap, type EventName, type Events } from "../../src/core/events.ts";
import { createIds } from "../../src/core/ids.ts";
import { createLog, type Log } from "../../src/core/log.ts";
import { createManualClock, type ManualClock } from "../../src/core/manual-clock.ts";
import { createSeededRandom } from "../../src/core/random.ts";
import type { AnyAutomation } from "../../src/runs/automation.ts";
import { createEngine, type EngineOptions } from "../../src/runs/create-engine.ts";
import type { Engine } from "../../src/runs/engine.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import type { RunRecord, Store } from "../../src/store/store.ts";

export const silentLog: Log = createLog({ level: "silent" });

/** Engines on one real SQLite store, with a clock that stands still until a test moves it. */
export interface Bench {
  readonly store: Store;
  readonly clock: ManualClock;
  /** What was emitted, in order. */
  readonly seen: readonly { readonly name: EventName; readonly event: EventMap[EventName] }[];
  readonly events: Events;
  /** Creates an engine; not started. Closed with the bench. */
  readonly engine: (automations: readonly AnyAutomation[], options?: Partial<EngineOptions>) => Engine;
  /** Moves the clock on in small steps until the promise settles. */
  readonly during: <T>(promise: Promise<T>, stepMs?: number) => Promise<T>;
  /** Moves the clock on, with what is written on the way. */
  readonly pass: (ms: number, stepMs?: number) => Promise<void>;
  /** Starts a run and gives it once it has ended. */
  readonly runToEnd: (engine: Engine, name: string, input?: unknown) => Promise<RunRecord>;
}

/** 2026-06-01, noon in UTC. */
export const NOON = Date.UTC(2026, 5, 1, 12);

export interface BenchOptions {
  readonly startAt?: number;
  readonly seed?: number;
  /** False: engines are left as they are at the end, as their processes died. Default true. */
  readonly closes?: boolean;
}

export async function withBench(
  body: (bench: Bench) => Promise<void>,
  { startAt = NOON, seed = 1, closes = true }: BenchOptions = {},
): Promise<void> {
  const clock = createManualClock(startAt);
  const random = createSeededRandom(seed);
  const ids = createIds({ clock, random });
  const events = createEvents();
  const seen: { name: EventName; event: EventMap[EventName] }[] = [];
  events.onAny((name, event) => void seen.push({ name, event }));
  const store = await openSqliteStore({ directory: ":memory:", clock, log: silentLog });
  const engines: Engine[] = [];

  /** Lets what was asked of the store be answered. */
  async function settle(): Promise<void> {
    for (let round = 0; round < 3; round++) await store.db.write([{ sql: "select 1" }]);
  }

  async function pass(ms: number, stepMs = 100): Promise<void> {
    for (let left = ms; left > 0; left -= stepMs) {
      await settle();
      await clock.advance(Math.min(stepMs, left));
    }
    await settle();
  }

  async function during<T>(promise: Promise<T>, stepMs = 100): Promise<T> {
    const over = new AbortController();
    const settled = promise.finally(() => over.abort());
    settled.catch(() => undefined);
    for (let step = 0; !over.signal.aborted; step++) {
      if (step > 20_000) throw new Error("It did not come to its end.");
      await pass(stepMs, stepMs);
    }
    return settled;
  }

  const bench: Bench = {
    store,
    clock,
    seen,
    events,
    engine(automations, options = {}) {
      const engine = createEngine({
        store,
        automations,
        services: () => ({}),
        clock,
        random,
        ids,
        events,
        log: silentLog,
        timezone: "Europe/Amsterdam",
        ...options,
      });
      engines.push(engine);
      return engine;
    },
    during,
    pass,
    async runToEnd(engine, name, input) {
      const { runId } = await engine.trigger(name, input);
      return during(engine.ended(runId));
    },
  };

  try {
    await body(bench);
  } finally {
    for (const engine of closes ? engines : []) await during(engine.close(), 1_000);
    await store.close();
  }
}
