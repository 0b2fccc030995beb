import type { Clock, Timer } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import type { Objective, Tally } from "../objectives/objective.ts";
import type { ProcessSample } from "../process-sample.ts";
import { addCounts, countUpTo, QUICK_BUCKETS } from "./buckets.ts";
import type { HistogramSeries } from "./registry.ts";
import { type CountsByName, type Span, SPAN_MS, type SpanKind } from "./span.ts";
import type { SpanStore } from "./span-store.ts";

/** What grows since the start of the process. */
export interface Counted {
  readonly requests: readonly HistogramSeries[];
  readonly failures: number;
  readonly queries: readonly HistogramSeries[];
  readonly calls: readonly HistogramSeries[];
  readonly cache: Tally;
}

/** Writes down what was counted, every 5 s, into a row for the minute and one for the hour. */
export interface Recorder {
  /** Takes what the process takes now. */
  sample(sample: ProcessSample): void;
  /** Writes now. */
  flush(): Promise<void>;
  /** Writes what is left. */
  close(): Promise<void>;
}

export interface RecorderOptions {
  readonly counted: () => Counted;
  readonly objectives: Readonly<Record<string, Objective>>;
  readonly store: SpanStore;
  readonly clock: Clock;
  readonly log: Log;
  /** Called after each write. */
  readonly onFlushed?: () => Promise<void>;
  /** Default 5 000. */
  readonly everyMs?: number;
}

/** While nothing is counted, the samples of the process are written so often, in milliseconds. */
const IDLE_MS = 60_000;

interface OpenSpan {
  readonly kind: SpanKind;
  readonly at: number;
  readonly base: Flat;
  samples: number;
  cpu: number;
  rssBytes: number;
  heapBytes: number;
  externalBytes: number;
  loopDelayMs: number;
  /** By memory objective. */
  readonly memory: Map<string, [good: number, total: number]>;
}

type Flat = Omit<Counted, "requests" | "queries" | "calls"> & {
  readonly requests: CountsByName;
  readonly queries: CountsByName;
  readonly calls: CountsByName;
};

export function createRecorder(options: RecorderOptions): Recorder {
  const { counted, objectives, store, clock, log, onFlushed, everyMs = 5_000 } = options;
  let spans = (["minute", "hour"] as const).map((kind) => openSpan(kind, flat(counted()), clock.now()));
  let timer: Timer | undefined;
  let writtenAt = -Infinity;
  let written = "";
  let forgetAt = 0;
  let writing: Promise<void> = Promise.resolve();

  async function write(): Promise<void> {
    const now = clock.now();
    const state = flat(counted());
    const total = JSON.stringify(state);
    const isTurn = spans.some(({ kind, at }) => startOf(kind, now) !== at);
    if (total === written && !isTurn && clock.monotonic() - writtenAt < IDLE_MS) return;
    const closing = spans.map((span) => toSpan(span, state, objectives));
    spans = spans.map((span) => (startOf(span.kind, now) === span.at ? span : openSpan(span.kind, state, now)));
    try {
      await store.put(closing);
      writtenAt = clock.monotonic();
      written = total;
      if (now < forgetAt) return;
      forgetAt = now + SPAN_MS.hour;
      await store.forget(now);
    } catch (error) {
      log.warn({ error }, "metrics could not be written; what was counted goes with the next");
    }
  }

  function flush(): Promise<void> {
    writing = writing.then(write).then(() => onFlushed?.());
    return writing.catch((error: unknown) => log.warn({ error }, "objectives could not be judged"));
  }

  function schedule(): void {
    timer = clock.after(everyMs, () => {
      void flush().finally(() => (timer === undefined ? undefined : schedule()));
    });
  }

  schedule();
  return {
    sample(sample) {
      for (const span of spans) take(span, sample, objectives);
    },
    flush,
    async close() {
      timer?.cancel();
      timer = undefined;
      await flush();
    },
  };
}

function startOf(kind: SpanKind, now: number): number {
  return Math.floor(now / SPAN_MS[kind]) * SPAN_MS[kind];
}

function openSpan(kind: SpanKind, base: Flat, now: number): OpenSpan {
  const empty = { samples: 0, cpu: 0, rssBytes: 0, heapBytes: 0, externalBytes: 0, loopDelayMs: 0 };
  return { kind, at: startOf(kind, now), base, ...empty, memory: new Map() };
}

function take(span: OpenSpan, sample: ProcessSample, objectives: Readonly<Record<string, Objective>>): void {
  span.samples++;
  span.cpu += sample.cpuShare;
  span.rssBytes = Math.max(span.rssBytes, sample.rssBytes);
  span.heapBytes = Math.max(span.heapBytes, sample.heapUsedBytes);
  span.externalBytes = Math.max(span.externalBytes, sample.externalBytes);
  span.loopDelayMs = Math.max(span.loopDelayMs, sample.loopDelayMs);
  for (const [name, objective] of Object.entries(objectives)) {
    if (objective.kind !== "memory") continue;
    const [good, total] = span.memory.get(name) ?? [0, 0];
    span.memory.set(name, [good + (sample.rssBytes <= objective.belowBytes ? 1 : 0), total + 1]);
  }
}

function toSpan(span: OpenSpan, state: Flat, objectives: Readonly<Record<string, Objective>>): Span {
  const { kind, at, base, rssBytes, heapBytes, externalBytes, loopDelayMs } = span;
  const requests = difference(state.requests, base.requests);
  const queries = difference(state.queries, base.queries);
  const cache: Tally = [state.cache[0] - base.cache[0], state.cache[1] - base.cache[1]];
  const tallyOf = (name: string, objective: Objective): Tally => {
    switch (objective.kind) {
      case "latency":
        return latencyTally(objective, requests, queries);
      case "memory":
        return span.memory.get(name) ?? [0, 0];
      case "hit-rate":
        return cache;
    }
  };
  return {
    kind,
    at,
    data: {
      requests,
      failures: state.failures - base.failures,
      queries,
      calls: difference(state.calls, base.calls),
      cache,
      rssBytes,
      heapBytes,
      externalBytes,
      loopDelayMs,
      cpuShare: span.samples === 0 ? 0 : span.cpu / span.samples,
    },
    objectives: Object.fromEntries(
      Object.entries(objectives).map(([name, objective]) => [name, tallyOf(name, objective)]),
    ),
  };
}

/** Answers under `/api/`: those of the gateway take as long as a model. */
function latencyTally(
  { of, belowMs }: Extract<Objective, { readonly kind: "latency" }>,
  requests: CountsByName,
  queries: CountsByName,
): Tally {
  const all =
    of === "api"
      ? Object.entries(requests).flatMap(([name, counts]) => (name.includes(" /api/") ? [counts] : []))
      : [queries[of] ?? []];
  const counts = all.reduce((sum, each) => addCounts(sum, each), []);
  return [countUpTo(belowMs / 1_000, counts, QUICK_BUCKETS), counts.reduce((sum, count) => sum + count, 0)];
}

function flat({ requests, queries, calls, ...rest }: Counted): Flat {
  return { ...rest, requests: byName(requests), queries: byName(queries), calls: byName(calls) };
}

function byName(series: readonly HistogramSeries[]): CountsByName {
  return Object.fromEntries(series.map(({ labels, counts }) => [labels.join(" "), [...counts]]));
}

function difference(now: CountsByName, before: CountsByName): CountsByName {
  return Object.fromEntries(
    Object.entries(now).flatMap(([name, counts]) => {
      const old = before[name];
      const grown = counts.map((count, index) => count - (old?.[index] ?? 0));
      return grown.some((count) => count > 0) ? [[name, grown]] : [];
    }),
  );
}
