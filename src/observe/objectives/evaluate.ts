import type { Objective, Tally } from "./objective.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/**
 * When somebody should know: the budget of failures (1 − share) is spent so many times faster than it may, over a long window and a short
 * one, which tells that it goes on. Google's Site Reliability Workbook, chapter 5, "multiwindow, multi-burn-rate alerts".
 */
const ALERTS = [
  { alert: "page", longMs: HOUR_MS, shortMs: 5 * MINUTE_MS, burn: 14.4 },
  { alert: "page", longMs: 6 * HOUR_MS, shortMs: 30 * MINUTE_MS, burn: 6 },
  { alert: "ticket", longMs: DAY_MS, shortMs: 2 * HOUR_MS, burn: 3 },
  { alert: "ticket", longMs: 3 * DAY_MS, shortMs: 6 * HOUR_MS, burn: 1 },
] as const;

/** Longest time that is looked back. */
export const LONGEST_WINDOW_MS: number = 3 * DAY_MS;
/** Of fewer than these in the short window nothing is concluded. */
const FEWEST = 20;
/** `met` and `missed` tell of this window. */
const STATE_WINDOW_MS = HOUR_MS;

/** What was counted in a span of time. */
export interface TallyAt {
  /** The end of the span, in milliseconds since the epoch. */
  readonly at: number;
  readonly tallies: Readonly<Record<string, Tally>>;
}

export interface ObjectiveState {
  readonly name: string;
  readonly objective: Objective;
  /** In the last hour; `unknown`: nothing was counted. */
  readonly state: "met" | "missed" | "unknown";
  /** Share that was good in the last hour; null: nothing was counted. */
  readonly share: number | null;
  /** How fast the budget of failures is spent, by window; 1 is as fast as it may. Null: nothing was counted. */
  readonly burn: {
    readonly minutes5: number | null;
    readonly hour: number | null;
    readonly hours6: number | null;
    readonly days3: number | null;
  };
  readonly alert: "page" | "ticket" | null;
}

/** Judges objectives by what was counted. */
export function evaluateObjectives(
  objectives: Readonly<Record<string, Objective>>,
  history: readonly TallyAt[],
  now: number,
): readonly ObjectiveState[] {
  return Object.entries(objectives).map(([name, objective]) => {
    const within = (ms: number): Tally => sumSince(history, name, now - ms);
    const burnIn = (ms: number): number | null => burnOf(within(ms), objective.share);
    const [good, total] = within(STATE_WINDOW_MS);
    const share = total === 0 ? null : good / total;
    return {
      name,
      objective,
      state: share === null ? "unknown" : share >= objective.share ? "met" : "missed",
      share,
      burn: {
        minutes5: burnIn(5 * MINUTE_MS),
        hour: burnIn(HOUR_MS),
        hours6: burnIn(6 * HOUR_MS),
        days3: burnIn(3 * DAY_MS),
      },
      alert:
        ALERTS.find(
          ({ longMs, shortMs, burn }) =>
            within(shortMs)[1] >= FEWEST && (burnIn(longMs) ?? 0) >= burn && (burnIn(shortMs) ?? 0) >= burn,
        )?.alert ?? null,
    };
  });
}

function sumSince(history: readonly TallyAt[], name: string, from: number): Tally {
  let good = 0;
  let total = 0;
  for (const { at, tallies } of history) {
    if (at <= from) continue;
    const tally = tallies[name];
    good += tally?.[0] ?? 0;
    total += tally?.[1] ?? 0;
  }
  return [good, total];
}

function burnOf([good, total]: Tally, share: number): number | null {
  if (total === 0) return null;
  return (total - good) / total / (1 - share);
}
