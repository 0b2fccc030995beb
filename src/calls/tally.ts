import { type Tokens, UNKNOWN_TOKENS } from "../model/usage.ts";
import type { CallUsage } from "./ai.ts";

/** What was spent. */
export interface Spent {
  readonly requests: number;
  readonly usage: CallUsage;
  /** US dollars; null where not all of it is known. */
  readonly usd: number | null;
  /** The tokens that are known of, for counters that take numbers only. */
  readonly known: { readonly inputTokens: number; readonly outputTokens: number };
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
  /** Takes over what was counted elsewhere. */
  add(spent: Spent): void;
  /** All so far; what a request that is under way will cost is not known. */
  total(): Spent;
  /** The same, and counts anew from here. */
  take(): Spent;
}

/** Creates a tally. One part that is not known makes the sum unknown, instead of too small. */
export function createTally(): Tally {
  let underWay = 0;
  let sum = nothing();

  function used(tokens: Tokens, price: number | null): void {
    underWay--;
    sum = {
      ...sum,
      usd: add(sum.usd, price),
      usage: {
        inputTokens: add(sum.usage.inputTokens, tokens.input),
        outputTokens: add(sum.usage.outputTokens, tokens.output),
      },
      known: {
        inputTokens: sum.known.inputTokens + (tokens.input ?? 0),
        outputTokens: sum.known.outputTokens + (tokens.output ?? 0),
      },
    };
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
    add(spent) {
      sum = {
        requests: sum.requests + spent.requests,
        usd: add(sum.usd, spent.usd),
        usage: {
          inputTokens: add(sum.usage.inputTokens, spent.usage.inputTokens),
          outputTokens: add(sum.usage.outputTokens, spent.usage.outputTokens),
        },
        known: {
          inputTokens: sum.known.inputTokens + spent.known.inputTokens,
          outputTokens: sum.known.outputTokens + spent.known.outputTokens,
        },
      };
    },
    total,
    take() {
      const taken = total();
      sum = nothing();
      return taken;
    },
  };
}

function nothing(): Spent {
  return {
    requests: 0,
    usage: { inputTokens: 0, outputTokens: 0 },
    usd: 0,
    known: { inputTokens: 0, outputTokens: 0 },
  };
}

function add(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b;
}

/** What came between two totals; null where either is not known. */
export function spentSince(before: Spent, after: Spent): Pick<Spent, "usage" | "usd"> {
  const less = (a: number | null, b: number | null): number | null => (a === null || b === null ? null : a - b);
  return {
    usd: less(after.usd, before.usd),
    usage: {
      inputTokens: less(after.usage.inputTokens, before.usage.inputTokens),
      outputTokens: less(after.usage.outputTokens, before.usage.outputTokens),
    },
  };
}
