import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSimulator, type Simulator, type SimulatorOptions } from "../../simulator/index.ts";
import { createCache, type OpenCache } from "../cache/create-cache.ts";
import { bounded } from "../cache/guarded-level.ts";
import { createMemoryLevel } from "../cache/memory/memory-level.ts";
import { createPolicies } from "../cache/policies.ts";
import { createSimilar } from "../cache/semantic/create-similar.ts";
import { createHashEmbedder } from "../cache/semantic/embedders/hash-embedder.ts";
import type { Similar } from "../cache/semantic/similar.ts";
import { openSqliteBackend } from "../cache/sqlite/open.ts";
import type { Clock } from "../core/clock.ts";
import { systemClock } from "../core/clock.ts";
import { createEvents, type EventMap } from "../core/events.ts";
import { createIds } from "../core/ids.ts";
import { createLog } from "../core/log.ts";
import type { ManualClock } from "../core/manual-clock.ts";
import { createSeededRandom } from "../core/random.ts";
import type { ModelsConfig } from "../model/config.ts";
import { createBatchStore } from "../host-batches.ts";
import { createDatabaseBudgetStore } from "../host-budgets.ts";
import { openSqliteStore } from "../store/sqlite/open.ts";
import type { Store } from "../store/store.ts";
import type { Ai } from "./ai.ts";
import type { CallsConfig } from "./config.ts";
import { type AiFactory, type AiFactoryOptions, createAiFactory } from "./create-ai.ts";

const LONGEST_MS = 30 * 86_400_000;

/** Calls over a real cache and a real simulator. */
export interface CallsWorld extends AsyncDisposable {
  readonly simulator: Simulator;
  readonly url: string;
  readonly store: Store;
  readonly cache: OpenCache;
  readonly similar: Similar;
  readonly ai: Ai;
  readonly factory: AiFactory;
  readonly ends: EventMap["call-end"][];
  readonly failures: EventMap["call-failed"][];
  /** Closes all but the simulator and opens them again on the same data, as the next start of the process does. */
  restart(): Promise<void>;
}

export interface CallsWorldOptions {
  readonly simulator?: SimulatorOptions;
  readonly clock?: Clock;
  readonly models?: ModelsConfig["models"];
  readonly calls?: CallsConfig;
  readonly prices?: ModelsConfig["prices"];
  /** Beside the two that the simulator plays. */
  readonly providers?: ModelsConfig["providers"];
  /** Share of the similar hits that are checked. Default 0. */
  readonly sampleRate?: number;
  readonly factory?: Partial<AiFactoryOptions>;
}

/** Opens a world with a provider `anthropic` and another one, `openai`, both played by the simulator. */
export async function openCallsWorld(options: CallsWorldOptions = {}): Promise<CallsWorld> {
  const { clock = systemClock, models = {}, calls = {}, sampleRate = 0 } = options;
  const directory = mkdtempSync(join(tmpdir(), "millrace-calls-"));
  const simulator = createSimulator(options.simulator);
  const url = await simulator.start();
  const ends: EventMap["call-end"][] = [];
  const failures: EventMap["call-failed"][] = [];
  let parts = await open();

  async function open() {
    const random = createSeededRandom(1);
    const log = createLog({ level: "silent" });
    const events = createEvents();
    events.on("call-end", (event) => ends.push(event));
    events.on("call-failed", (event) => failures.push(event));
    const ids = createIds({ clock, random });
    const store = await openSqliteStore({ directory, clock, log });
    const backend = await openSqliteBackend({ db: store.db, clock, ids, log });
    // The clock of a test may go on by hours while the disk writes: limits of time are judged by the tests of the cache.
    const level = backend.level === undefined ? undefined : bounded(backend.level, { clock, deadlineMs: LONGEST_MS });
    const cache = createCache({
      memory: createMemoryLevel(),
      backend: { ...backend, level },
      clock,
      random,
      events,
      log,
    });
    const similar = createSimilar({
      embedder: createHashEmbedder(),
      clock,
      random,
      namespaces: { calls: { sampleRate, mode: "balanced" } },
    });
    const factory = createAiFactory({
      config: {
        providers: {
          anthropic: { kind: "anthropic", apiKey: "k", baseUrl: `${url}/v1` },
          openai: { kind: "openai", apiKey: "k", baseUrl: `${url}/v1` },
          ...options.providers,
        },
        models,
        prices: options.prices ?? {},
        calls,
      },
      clock,
      random,
      events,
      log,
      batches: createBatchStore(store.db),
      budgets: createDatabaseBudgetStore(store.db, clock),
      answers: { cache, policies: createPolicies({}), similar: () => Promise.resolve(similar) },
      ...options.factory,
    });
    const ai = factory.forRun({ id: "run-1", signal: new AbortController().signal });
    return { store, cache, similar, factory, ai };
  }

  async function close(): Promise<void> {
    await parts.factory.close();
    await parts.cache.close();
    await parts.store.close();
  }

  return {
    simulator,
    url,
    get store() {
      return parts.store;
    },
    get cache() {
      return parts.cache;
    },
    get similar() {
      return parts.similar;
    },
    get ai() {
      return parts.ai;
    },
    get factory() {
      return parts.factory;
    },
    ends,
    failures,
    async restart() {
      await close();
      parts = await open();
    },
    async [Symbol.asyncDispose]() {
      await close();
      await simulator.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Lets work over real sockets and databases go on until something holds. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

/** Lets time pass in steps of so many milliseconds whenever nothing else happens, until the work has ended. */
export async function ended<T>(clock: ManualClock, work: Promise<T>, stepMs = 10): Promise<T> {
  const state = { isDone: false };
  void work.catch(() => undefined).finally(() => (state.isDone = true));
  while (!state.isDone) {
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
    if (!state.isDone) await clock.advance(stepMs);
  }
  return await work;
}
