import type { Tally } from "../objectives/objective.ts";

/** Counts by bucket and by name; a name that counted nothing is left out. */
export type CountsByName = Readonly<Record<string, readonly number[]>>;

/** What a process counted in a span of time. */
export interface SpanData {
  /** By `GET /api/runs/:id`, in buckets of QUICK_BUCKETS. */
  readonly requests: CountsByName;
  /** Answers of 500 and above. */
  readonly failures: number;
  /** By class of statement, in buckets of QUICK_BUCKETS. */
  readonly queries: CountsByName;
  /** By model, in buckets of SLOW_BUCKETS. */
  readonly calls: CountsByName;
  /** What the cache had, and what it was asked. */
  readonly cache: Tally;
  /** The largest that was seen, in bytes. */
  readonly rssBytes: number;
  readonly heapBytes: number;
  readonly externalBytes: number;
  /** The largest 99th percentile that was seen, in milliseconds. */
  readonly loopDelayMs: number;
  /** Mean; 1 is one core. */
  readonly cpuShare: number;
}

export type SpanKind = "minute" | "hour";

export const SPAN_MS: Readonly<Record<SpanKind, number>> = { minute: 60_000, hour: 3_600_000 };

/** A span as it is kept. */
export interface Span {
  readonly kind: SpanKind;
  /** When it began, in milliseconds since the epoch. */
  readonly at: number;
  readonly data: SpanData;
  readonly objectives: Readonly<Record<string, Tally>>;
}
