import type { PressureLevel } from "../../core/events.ts";
import { wordsOf } from "../objectives/objective.ts";
import type { ObjectiveState } from "../objectives/evaluate.ts";
import type { Pressure } from "../pressure/pressure-monitor.ts";
import type { ProcessSample } from "../process-sample.ts";
import { addCounts, QUICK_BUCKETS, quantileOf, SLOW_BUCKETS } from "./buckets.ts";
import { type CountsByName, SPAN_MS, type SpanData, type SpanKind } from "./span.ts";

/** The last hour by the minute, the last day by the hour, or 30 days by the day. */
export type MetricsRange = "hour" | "day" | "month";

/** Milliseconds. A quantile lies within its bucket as if what it holds were spread evenly. */
export interface TimesView {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

export interface MetricsColumn {
  /** When it began; ISO 8601, UTC. */
  readonly at: string;
  /** Null: there were none. */
  readonly requests: TimesView | null;
  readonly failures: number;
  readonly calls: TimesView | null;
  readonly queries: TimesView | null;
  /** Null: nobody asked. */
  readonly hitRate: number | null;
  /** Largest that was seen, the sum over processes, in bytes; null: there was no process. */
  readonly rssBytes: number | null;
  readonly heapBytes: number | null;
  readonly externalBytes: number | null;
  /** Largest 99th percentile, in milliseconds. */
  readonly loopDelayMs: number | null;
  /** 1 is one core. */
  readonly cpuShare: number | null;
}

export interface NamedTimes extends TimesView {
  readonly name: string;
}

export interface ObjectiveView extends Omit<ObjectiveState, "objective"> {
  /** What should hold. */
  readonly words: string;
  /** Share that should be good. */
  readonly target: number;
}

/** `GET /api/metrics/summary?range=`. */
export interface MetricsSummary {
  readonly range: MetricsRange;
  readonly at: string;
  readonly columnMs: number;
  /** Oldest first, without gaps. */
  readonly columns: readonly MetricsColumn[];
  /** Over the whole range, most asked first. */
  readonly routes: readonly NamedTimes[];
  readonly models: readonly NamedTimes[];
  readonly queries: readonly NamedTimes[];
  readonly objectives: readonly ObjectiveView[];
  /** The process that answers, as it is now; null: nobody looks at it. */
  readonly process: (ProcessSample & { readonly level: PressureLevel; readonly reason: string }) | null;
}

export const RANGES: Readonly<
  Record<MetricsRange, { readonly kind: SpanKind; readonly columnMs: number; readonly columns: number }>
> = {
  hour: { kind: "minute", columnMs: SPAN_MS.minute, columns: 60 },
  day: { kind: "hour", columnMs: SPAN_MS.hour, columns: 24 },
  month: { kind: "hour", columnMs: 24 * SPAN_MS.hour, columns: 30 },
};

const MOST_NAMES = 50;

/** When the first column of a range begins. */
export function startOfRange(range: MetricsRange, now: number): number {
  const { columnMs, columns } = RANGES[range];
  return Math.floor(now / columnMs) * columnMs - (columns - 1) * columnMs;
}

export interface SummaryParams {
  readonly range: MetricsRange;
  readonly now: number;
  readonly spans: readonly { readonly at: number; readonly data: SpanData }[];
  readonly objectives: readonly ObjectiveState[];
  readonly pressure: Pressure;
}

/** Sums up spans for the page. */
export function summarize({ range, now, spans, objectives, pressure }: SummaryParams): MetricsSummary {
  const { columnMs, columns } = RANGES[range];
  const first = startOfRange(range, now);
  const byColumn = Map.groupBy(spans, ({ at }) => Math.floor((at - first) / columnMs));
  const all = spans.map(({ data }) => data);
  return {
    range,
    at: new Date(now).toISOString(),
    columnMs,
    columns: Array.from({ length: columns }, (_, index) =>
      toColumn(first + index * columnMs, byColumn.get(index) ?? []),
    ),
    routes: named(
      all.map(({ requests }) => requests),
      QUICK_BUCKETS,
    ),
    models: named(
      all.map(({ calls }) => calls),
      SLOW_BUCKETS,
    ),
    queries: named(
      all.map(({ queries }) => queries),
      QUICK_BUCKETS,
    ),
    objectives: objectives.map(({ objective, ...state }) => ({
      ...state,
      words: wordsOf(objective),
      target: objective.share,
    })),
    process:
      pressure.sample === undefined ? null : { ...pressure.sample, level: pressure.level, reason: pressure.reason },
  };
}

function toColumn(at: number, spans: SummaryParams["spans"]): MetricsColumn {
  const datas = spans.map(({ data }) => data);
  const asked = datas.reduce((sum, { cache }) => sum + cache[1], 0);
  /** Processes of the same span beside each other, of different spans the largest. */
  const largest = (valueOf: (data: SpanData) => number): number | null =>
    spans.length === 0
      ? null
      : Math.max(
          ...[...Map.groupBy(spans, (span) => span.at).values()].map((same) =>
            same.reduce((sum, { data }) => sum + valueOf(data), 0),
          ),
        );
  return {
    at: new Date(at).toISOString(),
    requests: timesOf(
      datas.flatMap(({ requests }) => Object.values(requests)),
      QUICK_BUCKETS,
    ),
    failures: datas.reduce((sum, { failures }) => sum + failures, 0),
    calls: timesOf(
      datas.flatMap(({ calls }) => Object.values(calls)),
      SLOW_BUCKETS,
    ),
    queries: timesOf(
      datas.flatMap(({ queries }) => Object.values(queries)),
      QUICK_BUCKETS,
    ),
    hitRate: asked === 0 ? null : datas.reduce((sum, { cache }) => sum + cache[0], 0) / asked,
    rssBytes: largest(({ rssBytes }) => rssBytes),
    heapBytes: largest(({ heapBytes }) => heapBytes),
    externalBytes: largest(({ externalBytes }) => externalBytes),
    loopDelayMs: datas.length === 0 ? null : Math.max(...datas.map(({ loopDelayMs }) => loopDelayMs)),
    cpuShare: largest(({ cpuShare }) => cpuShare),
  };
}

function named(all: readonly CountsByName[], buckets: readonly number[]): readonly NamedTimes[] {
  const sums = new Map<string, readonly number[]>();
  for (const byName of all) {
    for (const [name, counts] of Object.entries(byName)) sums.set(name, addCounts(sums.get(name) ?? [], counts));
  }
  return [...sums]
    .flatMap(([name, counts]) => {
      const times = timesOf([counts], buckets);
      return times === null ? [] : [{ name, ...times }];
    })
    .toSorted((a, b) => b.count - a.count)
    .slice(0, MOST_NAMES);
}

function timesOf(all: readonly (readonly number[])[], buckets: readonly number[]): TimesView | null {
  const counts = all.reduce<readonly number[]>((sum, each) => addCounts(sum, each), []);
  const ms = (share: number): number => Math.round((quantileOf(share, counts, buckets) ?? 0) * 1e5) / 100;
  const count = counts.reduce((sum, each) => sum + each, 0);
  return count === 0 ? null : { count, p50: ms(0.5), p95: ms(0.95), p99: ms(0.99) };
}
