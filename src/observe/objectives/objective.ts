/** What should hold of the service, as data. `share`: of all that was counted, above 0 and below 1. */
export type Objective =
  /** This share of answers of the API, or of statements of a class, takes at most so many milliseconds. */
  | {
      readonly kind: "latency";
      readonly of: "api" | "simple-query" | "complex-query" | "batch";
      /** One of 0.5, 1, 2.5, 5, 10, 25, 50, 100, 200, 500, 1 000, 2 500, 5 000, 10 000. */
      readonly belowMs: number;
      readonly share: number;
    }
  /** In this share of the samples the process takes at most so many bytes (resident). */
  | { readonly kind: "memory"; readonly belowBytes: number; readonly share: number }
  /** This share of what the cache is asked is there. */
  | { readonly kind: "hit-rate"; readonly share: number };

/** How many were good, and how many there were. */
export type Tally = readonly [good: number, total: number];

/** Those that Millrace brings; a configuration changes them by name. */
export const OBJECTIVES: Readonly<Record<string, Objective>> = {
  "api-p50": { kind: "latency", of: "api", belowMs: 50, share: 0.5 },
  "api-p95": { kind: "latency", of: "api", belowMs: 200, share: 0.95 },
  "api-p99": { kind: "latency", of: "api", belowMs: 500, share: 0.99 },
  "simple-query": { kind: "latency", of: "simple-query", belowMs: 10, share: 0.99 },
  "complex-query": { kind: "latency", of: "complex-query", belowMs: 100, share: 0.99 },
  batch: { kind: "latency", of: "batch", belowMs: 500, share: 0.99 },
  "memory-steady": { kind: "memory", belowBytes: 500_000_000, share: 0.95 },
  "memory-peak": { kind: "memory", belowBytes: 1_000_000_000, share: 0.999 },
  "hit-rate": { kind: "hit-rate", share: 0.85 },
};

/** Puts those of a configuration over those that Millrace brings; `false` leaves one out. */
export function toObjectives(
  given: Readonly<Record<string, Objective | false>> = {},
): Readonly<Record<string, Objective>> {
  const all = Object.entries({ ...OBJECTIVES, ...given });
  return Object.fromEntries(all.flatMap(([name, objective]) => (objective === false ? [] : [[name, objective]])));
}

/** An objective in words. */
export function wordsOf(objective: Objective): string {
  const share = `${Math.round(objective.share * 1_000) / 10} %`;
  switch (objective.kind) {
    case "latency":
      return `${share} of ${WHAT[objective.of]} within ${objective.belowMs} ms`;
    case "memory":
      return `at most ${Math.round(objective.belowBytes / 1e6)} MB in ${share} of samples`;
    case "hit-rate":
      return `${share} of what the cache is asked is there`;
  }
}

const WHAT = {
  api: "answers of the API",
  "simple-query": "reads of a row",
  "complex-query": "reads of many rows",
  batch: "writes",
} as const;
