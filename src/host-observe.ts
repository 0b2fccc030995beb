import { totalmem } from "node:os";
import type { RouteState } from "./calls/routes.ts";
import type { OpenCache } from "./cache/create-cache.ts";
import type { Config } from "./config.ts";
import type { Clock } from "./core/clock.ts";
import { MillraceError } from "./core/errors.ts";
import type { Events } from "./core/events.ts";
import type { Ids } from "./core/ids.ts";
import type { Log } from "./core/log.ts";
import type { Resources } from "./core/resources.ts";
import { addGauges } from "./host-gauges.ts";
import type { ServedMetrics } from "./http/served-metrics.ts";
import { countEvents } from "./observe/metrics/count-events.ts";
import { countRequests } from "./observe/metrics/count-requests.ts";
import { QUICK_BUCKETS } from "./observe/metrics/buckets.ts";
import { toPrometheusText } from "./observe/metrics/prometheus-text.ts";
import { type Counted, createRecorder, type Recorder } from "./observe/metrics/recorder.ts";
import { createRegistry } from "./observe/metrics/registry.ts";
import { createSpanStore } from "./observe/metrics/span-store.ts";
import { RANGES, startOfRange, summarize } from "./observe/metrics/summary.ts";
import { timed } from "./observe/metrics/timed.ts";
import { evaluateObjectives, type ObjectiveState } from "./observe/objectives/evaluate.ts";
import { toObjectives } from "./observe/objectives/objective.ts";
import { createPressureMonitor, type Pressure, type PressureMonitor } from "./observe/pressure/pressure-monitor.ts";
import { createProcessSampler, type ProcessSampler } from "./observe/process-sample.ts";
import type { Database, RunStore, Store } from "./store/store.ts";

/** What a host tells of itself, and how it gives way under pressure. */
export interface HostObserve {
  /** The store whose statements are timed, and that gives fewer runs to workers under pressure. */
  readonly store: Store;
  readonly metrics: ServedMetrics;
  pressure(): Pressure;
  /** Begins to look at the process, and to write what was counted. */
  start(watched: Watched): void;
}

/** What is looked at, and made to give way. */
export interface Watched {
  readonly cache: OpenCache;
  readonly routes: () => readonly RouteState[];
}

export interface OpenHostObserveOptions {
  readonly config: Config;
  readonly store: Store;
  readonly events: Events;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly resources: Resources;
  /** Default: the process as it is. */
  readonly sampler?: ProcessSampler;
}

/** How long a client should wait that was refused, in milliseconds. */
const RETRY_AFTER_MS = 5_000;
/** Under pressure, ready runs are looked for again so often, in milliseconds. */
const LOOK_AGAIN_MS = 1_000;
/** The collector needs a while to take what the cache let go of, in milliseconds. */
const SHRINK_AGAIN_MS = 1_000;
/** So long after the last sign of pressure, in milliseconds. */
const REGROW_MS = 30_000;
const CALM: Pressure = { level: "normal", cause: "none", reason: "Nothing presses.", sample: undefined };
/** By method, what a statement of an app or of the API is: the objectives know these classes. */
const CLASSES: Readonly<Record<string, string>> = {
  get: "simple-query",
  all: "complex-query",
  write: "batch",
  insertMany: "batch",
};

export function openHostObserve(options: OpenHostObserveOptions): HostObserve {
  const { config, store, events, clock, ids, log, resources } = options;
  const registry = createRegistry();
  const requests = countRequests(registry);
  const queries = registry.histogram({
    name: "millrace_db_query_duration_seconds",
    help: "Time of a statement, by class or by what the engine of runs asked.",
    labels: ["op"],
    buckets: QUICK_BUCKETS,
  });
  const eventMetrics = countEvents(events, registry);
  const objectives = toObjectives(config.observe.objectives);
  const spans = createSpanStore(store.db, ids.next());
  let monitor: PressureMonitor | undefined;
  let recorder: Recorder | undefined;
  let states: readonly ObjectiveState[] = [];
  let cache: OpenCache | undefined;
  let sampler: ProcessSampler | undefined;
  let shrunkAt = -Infinity;
  let pressedAt = -Infinity;
  const pressure = (): Pressure => monitor?.current() ?? CALM;

  function counted(): Counted {
    const counters = Object.values(cache?.counters() ?? {});
    const had = counters.reduce((sum, { hits, joined }) => sum + hits.memory + hits.database + hits.files + joined, 0);
    return {
      requests: requests.times.read(),
      failures: requests.failures(),
      queries: queries.read(),
      calls: eventMetrics.calls.read(),
      cache: [had, counters.reduce((sum, { misses }) => sum + misses, had)],
    };
  }

  async function judge(): Promise<void> {
    const before = new Map(states.map((state) => [state.name, state]));
    states = evaluateObjectives(objectives, await spans.tallies(clock.now()), clock.now());
    for (const { name, state, alert, share } of states) {
      const known = before.get(name);
      if (known === undefined || (known.state === state && known.alert === alert)) continue;
      events.emit("objective-change", { objective: name, state, alert, share, at: clock.now() });
      const facts = { objective: name, state, alert, share };
      if (alert === null && state !== "missed") log.info(facts, "an objective is met again");
      else log.warn(facts, "an objective is missed, or its budget is spent too fast");
    }
  }

  function giveWay({ level, cause, reason }: Pressure, before: Pressure["level"]): void {
    events.emit("pressure-change", { level, before, reason, at: clock.now() });
    const facts = { pressure: level, before, reason };
    if (level === "normal") log.info(facts, "nothing presses any more");
    else if (cause === "memory") log.warn(facts, "the process gives way: caches shrink, fewer runs are started");
    else log.warn(facts, "the process gives way: fewer runs are started");
  }

  /** Half of what is there goes at once, and half of that again each second that it was not enough; it grows again after half a minute. */
  function fitCache({ level, cause }: Pressure, now: number): void {
    if (cause === "memory") {
      pressedAt = now;
      const isWanted = shrunkAt === -Infinity || level === "critical";
      if (!isWanted || now - shrunkAt < SHRINK_AGAIN_MS) return;
      shrunkAt = now;
      cache?.shrinkTo(0.5);
    } else if (shrunkAt !== -Infinity && now - pressedAt >= REGROW_MS) {
      shrunkAt = -Infinity;
      cache?.regrow();
    }
  }

  resources.add("metrics", async () => {
    monitor?.close();
    sampler?.close();
    eventMetrics.close();
    await recorder?.close();
  });

  return {
    store: {
      ...store,
      db: timedDatabase(store.db, (op, ms) => queries.observe([CLASSES[op] ?? op], ms / 1_000), clock),
      runs: underPressure(
        timed(store.runs, (op, ms) => queries.observe([`runs.${op}`], ms / 1_000), clock),
        () => pressure().level,
      ),
    },
    pressure,
    metrics: {
      began: () => requests.began(),
      answered: (request) => requests.answered(request),
      refusal() {
        const { level, reason } = pressure();
        if (level !== "critical") return undefined;
        return new MillraceError("CAPACITY_REACHED", `The process is at its limits. ${reason}`, {
          facts: { retryAfterMs: RETRY_AFTER_MS },
          advice: `Ask again in ${RETRY_AFTER_MS / 1_000} s; give the process more memory if this happens often.`,
        });
      },
      text: async () => toPrometheusText(await registry.collect()),
      async summary(range) {
        await recorder?.flush();
        const now = clock.now();
        const kept = await spans.list(RANGES[range].kind, startOfRange(range, now));
        return summarize({ range, now, spans: kept, objectives: states, pressure: pressure() });
      },
    },
    start({ cache: watchedCache, routes }) {
      cache = watchedCache;
      addGauges(registry, { cache, routes, runs: store.runs, pressure, objectives: () => states });
      const looking = options.sampler ?? createProcessSampler(clock);
      sampler = looking;
      const writing = createRecorder({ counted, objectives, store: spans, clock, log, onFlushed: judge });
      recorder = writing;
      monitor = createPressureMonitor({
        ...config.observe.memory,
        limitBytes: config.observe.memory?.limitBytes ?? memoryLimitBytes(),
        sample: () => looking.sample(),
        clock,
        onSample(seen) {
          fitCache(seen, clock.monotonic());
          writing.sample(seen.sample);
        },
        onChange: giveWay,
      });
    },
  };
}

/** Of nested databases, such as one for heavy reads, each statement is timed under its own name. */
function timedDatabase(db: Database, onDone: (op: string, ms: number) => void, clock: Clock): Database {
  return timed(db, (op, ms) => (op === "migrate" ? undefined : onDone(op, ms)), clock);
}

/** Gives a worker a quarter of what it asks for under pressure, and nothing at the last level; it asks again a second later. */
function underPressure(runs: RunStore, level: () => Pressure["level"]): RunStore {
  return {
    ...runs,
    async claim(params) {
      if (level() === "critical") return [];
      return await runs.claim(level() === "high" ? { ...params, limit: Math.ceil(params.limit / 4) } : params);
    },
    async nextDueAt(params) {
      const dueAt = await runs.nextDueAt(params);
      if (level() === "normal") return dueAt;
      return Math.min(dueAt ?? Infinity, params.now + LOOK_AGAIN_MS);
    },
  };
}

/** The container's limit, or half of the machine's memory. */
function memoryLimitBytes(): number {
  const constrained = process.constrainedMemory();
  const all = totalmem();
  return constrained > 0 && constrained < all ? constrained : all / 2;
}
