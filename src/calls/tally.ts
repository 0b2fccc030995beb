import { type Tokens, UNKNOWN_TOKENS } from "../model/usage.ts";
import type { CallUsage } from "./ai.ts";

/** What was spent. */
export interface Spent {
  readonly requests: number;
  readonly usage: CallUsage;
  /** US dollars; null where not all of it is known. */
  readonly usd: number | null;
  /** What is known of, for counters that take numbers only. */
  readonly known: Known;
}

interface Known {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  /** Waiting for a turn, and at the provider. */
  readonly waitMs: number;
  readonly providerMs: number;
}

/** What one call used, over all of its requests. */
export interface Tally {
  /** A request leaves. */
  sent(): void;
  /** A request told what it used. */
  used(tokens: Tokens, usd: number | null): void;
  /** A request ended without telling, and may have been charged for. */
  usedUnknown(): void;
  /** A request ended, and nothing was charged for it. */
  usedNothing(): void;
  took(time: "waitMs" | "providerMs", ms: number): void;
  /** Takes over what was counted elsewhere. */
  add(spent: Spent): void;
  /** All so far; what a request that is under way will cost is not known. */
  total(): Spent;
  /** The same, and counts anew from here. */
  take(): Spent;
}

const NO_TOKENS: Tokens = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, cacheWrite1h: 0 };

/** Creates a tally. One part that is not known makes the sum unknown, instead of too small. */
export function createTally(): Tally {
  let underWay = 0;
  let sum = spentOf(NO_TOKENS, 0);

  function used(tokens: Tokens, price: number | null): void {
    underWay--;
    sum = plus(sum, spentOf(tokens, price));
  }
  function total(): Spent {
    return underWay === 0 ? sum : { ...sum, usage: { inputTokens: null, outputTokens: null }, usd: null };
  }

  return {
    sent() {
      underWay++;
      sum = { ...sum, requests: sum.requests + 1 };
    },
    used,
    usedUnknown: () => used(UNKNOWN_TOKENS, null),
    usedNothing: () => void underWay--,
    took(time, ms) {
      sum = { ...sum, known: { ...sum.known, [time]: sum.known[time] + ms } };
    },
    add: (spent) => void (sum = plus(sum, spent)),
    total,
    take() {
      const taken = total();
      sum = spentOf(NO_TOKENS, 0);
      return taken;
    },
  };
}

function spentOf({ input, output, cacheRead, cacheWrite, cacheWrite1h }: Tokens, usd: number | null): Spent {
  return {
    requests: 0,
    usage: { inputTokens: input, outputTokens: output },
    usd,
    known: {
      inputTokens: input ?? 0,
      outputTokens: output ?? 0,
      cacheReadTokens: cacheRead,
      cacheWriteTokens: cacheWrite + cacheWrite1h,
      waitMs: 0,
      providerMs: 0,
    },
  };
}

function plus(a: Spent, b: Spent): Spent {
  return {
    requests: a.requests + b.requests,
    usage: {
      inputTokens: add(a.usage.inputTokens, b.usage.inputTokens),
      outputTokens: add(a.usage.outputTokens, b.usage.outputTokens),
    },
    usd: add(a.usd, b.usd),
    known: {
      inputTokens: a.known.inputTokens + b.known.inputTokens,
      outputTokens: a.known.outputTokens + b.known.outputTokens,
      cacheReadTokens: a.known.cacheReadTokens + b.known.cacheReadTokens,
      cacheWriteTokens: a.known.cacheWriteTokens + b.known.cacheWriteTokens,
      waitMs: a.known.waitMs + b.known.waitMs,
      providerMs: a.known.providerMs + b.known.providerMs,
    },
  };
}

function add(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b;
}

/** What came between two totals; null where either is not known. */
export function spentSince(before: Spent, after: Spent): Pick<Spent, "usage" | "usd"> {
  return {
    usd: less(after.usd, before.usd),
    usage: {
      inputTokens: less(after.usage.inputTokens, before.usage.inputTokens),
      outputTokens: less(after.usage.outputTokens, before.usage.outputTokens),
    },
  };
}

function less(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a - b;
}
