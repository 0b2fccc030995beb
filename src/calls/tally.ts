import { type Tokens, UNKNOWN_TOKENS } from "../model/usage.ts";
import type { CallUsage } from "./ai.ts";

/** What was spent. */
export interface Spent {
  readonly requests: number;
  readonly usage: CallUsage;
  /** US dollars; null where not all of it is known. */
  readonly usd: number | null;
  /** What is known of its tokens, for counters that take numbers only. */
  readonly known: Known;
  /** Waiting for a turn. Attempts side by side add up. */
  readonly waitMs: number;
  /** At the provider. */
  readonly providerMs: number;
}

interface Known {
  readonly inputTokens: number;
  readonly outputTokens: number;
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
  /** All since the beginning; what a request that is under way will cost is not known. */
  total(): Spent;
  /** What nobody has taken yet. */
  take(): Spent;
}

/** Creates a tally. One part that is not known makes the sum unknown, instead of too small. */
export function createTally(): Tally {
  let underWay = 0;
  let all = NOTHING;
  let untaken = NOTHING;

  function count(spent: Spent): void {
    all = plus(all, spent);
    untaken = plus(untaken, spent);
  }
  function ended(tokens: Tokens, usd: number | null): void {
    underWay--;
    count(spentOf(tokens, usd));
  }
  const told = (sum: Spent): Spent => (underWay === 0 ? sum : plus(sum, UNKNOWN));

  return {
    sent() {
      underWay++;
      count({ ...NOTHING, requests: 1 });
    },
    used: ended,
    usedUnknown: () => ended(UNKNOWN_TOKENS, null),
    usedNothing: () => void underWay--,
    took: (time, ms) => count({ ...NOTHING, [time]: ms }),
    add: count,
    total: () => told(all),
    take() {
      const taken = told(untaken);
      untaken = NOTHING;
      return taken;
    },
  };
}

/** Nothing was spent. */
export const NOTHING: Spent = spentOf({ input: 0, output: 0, cacheRead: 0, cacheWrite: 0, cacheWrite1h: 0 }, 0);
const UNKNOWN: Spent = spentOf(UNKNOWN_TOKENS, null);

/** What one request used. */
export function spentOf(tokens: Tokens, usd: number | null): Spent {
  const { input, output, cacheRead, cacheWrite, cacheWrite1h, reasoning = 0 } = tokens;
  return {
    requests: 0,
    usage: {
      inputTokens: input,
      outputTokens: output,
      cacheReadTokens: cacheRead,
      cacheWriteTokens: cacheWrite + cacheWrite1h,
      reasoningTokens: reasoning,
    },
    usd,
    known: { inputTokens: input ?? 0, outputTokens: output ?? 0 },
    waitMs: 0,
    providerMs: 0,
  };
}

function plus(a: Spent, b: Spent): Spent {
  return {
    requests: a.requests + b.requests,
    usage: {
      inputTokens: add(a.usage.inputTokens, b.usage.inputTokens),
      outputTokens: add(a.usage.outputTokens, b.usage.outputTokens),
      cacheReadTokens: a.usage.cacheReadTokens + b.usage.cacheReadTokens,
      cacheWriteTokens: a.usage.cacheWriteTokens + b.usage.cacheWriteTokens,
      reasoningTokens: a.usage.reasoningTokens + b.usage.reasoningTokens,
    },
    usd: add(a.usd, b.usd),
    known: {
      inputTokens: a.known.inputTokens + b.known.inputTokens,
      outputTokens: a.known.outputTokens + b.known.outputTokens,
    },
    waitMs: a.waitMs + b.waitMs,
    providerMs: a.providerMs + b.providerMs,
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
      cacheReadTokens: after.usage.cacheReadTokens - before.usage.cacheReadTokens,
      cacheWriteTokens: after.usage.cacheWriteTokens - before.usage.cacheWriteTokens,
      reasoningTokens: after.usage.reasoningTokens - before.usage.reasoningTokens,
    },
  };
}

function less(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a - b;
}
