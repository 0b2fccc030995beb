import { MillraceError } from "../core/errors.ts";

/** How often a budget begins anew. Hours are those of UTC, days and months those of a time zone. */
export type BudgetPeriodName = "hour" | "day" | "month";

/** One stretch of time with a budget of its own. */
export interface BudgetPeriod {
  /** Names it, for example 2026-11-28. */
  readonly name: string;
  /** When the next one begins, in milliseconds since the epoch. */
  readonly endsAt: number;
}

const HOUR_MS = 3_600_000;
/** Longer than any hour, day or month of any zone. */
const LONGEST_MS = { hour: HOUR_MS, day: 27 * HOUR_MS, month: 33 * 24 * HOUR_MS };

/**
 * Creates a function from an instant to its period. Two instants of one period are asked for in sequence, so the last answer is kept.
 * Throws TIMEZONE_INVALID.
 */
export function budgetPeriods(period: BudgetPeriodName, timezone: string): (at: number) => BudgetPeriod {
  const nameOf = namer(period, timezone);
  let known: BudgetPeriod | undefined;
  let askedAt = 0;
  return (at) => {
    if (known !== undefined && at >= askedAt && at < known.endsAt) return known;
    const name = nameOf(at);
    known = { name, endsAt: endOf(name, at) };
    askedAt = at;
    return known;
  };

  /** The first millisecond with another name. Names only grow, so halving finds it, whatever the zone does to its days. */
  function endOf(name: string, at: number): number {
    let same = at;
    let other = at + LONGEST_MS[period];
    while (other - same > 1) {
      const middle = Math.floor((same + other) / 2);
      if (nameOf(middle) === name) same = middle;
      else other = middle;
    }
    return other;
  }
}

function namer(period: BudgetPeriodName, timezone: string): (at: number) => string {
  const format = openFormat(timezone);
  switch (period) {
    case "hour":
      return (at) => `${new Date(at).toISOString().slice(0, 13)}Z`;
    case "day":
      return (at) => format.format(at);
    case "month":
      return (at) => format.format(at).slice(0, 7);
  }
}

function openFormat(timezone: string): Intl.DateTimeFormat {
  try {
    // Canada's English writes 2026-11-28.
    return new Intl.DateTimeFormat("en-CA", { timeZone: timezone, year: "numeric", month: "2-digit", day: "2-digit" });
  } catch (cause) {
    throw new MillraceError("TIMEZONE_INVALID", `"${timezone}" is not a known time zone.`, {
      facts: { timezone },
      cause,
    });
  }
}
