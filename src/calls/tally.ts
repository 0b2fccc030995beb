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
  const all = new Sum();
  let untaken = new Sum();

  function count(spent: Spent): void {
    all.add(spent);
    untaken.add(spent);
  }
  function ended(tokens: Tokens, usd: number | null): void {
    underWay--;
    count(spentOf(tokens, usd));
  }

  return {
    sent() {
      underWay++;
      all.requests++;
      untaken.requests++;
    },
    used: ended,
    usedUnknown: () => ended(UNKNOWN_TOKENS, null),
    usedNothing: () => void underWay--,
    took(time, ms) {
      all[time] += ms;
      untaken[time] += ms;
    },
    add: count,
    total: () => all.spent(underWay === 0),
    take() {
      const taken = untaken.spent(underWay === 0);
      untaken = new Sum();
      return taken;
    },
  };
}

/** Counts in place, since a call counts often and reads seldom. */
class Sum {
  requests = 0;
  waitMs = 0;
  providerMs = 0;
  #input: number | null = 0;
  #output: number | null = 0;
  #usd: number | null = 0;
  #cacheRead = 0;
  #cacheWrite = 0;
  #reasoning = 0;
  #knownInput = 0;
  #knownOutput = 0;

  add({ requests, usage, usd, known, waitMs, providerMs }: Spent): void {
    this.requests += requests;
    this.waitMs += waitMs;
    this.providerMs += providerMs;
    this.#input = add(this.#input, usage.inputTokens);
    this.#output = add(this.#output, usage.outputTokens);
    this.#usd = add(this.#usd, usd);
    this.#cacheRead += usage.cacheReadTokens;
    this.#cacheWrite += usage.cacheWriteTokens;
    this.#reasoning += usage.reasoningTokens;
    this.#knownInput += known.inputTokens;
    this.#knownOutput += known.outputTokens;
  }

  /** @param isWhole False: something is under way, and what it will cost is not known. */
  spent(isWhole: boolean): Spent {
    return {
      requests: this.requests,
      usage: {
        inputTokens: isWhole ? this.#input : null,
        outputTokens: isWhole ? this.#output : null,
        cacheReadTokens: this.#cacheRead,
        cacheWriteTokens: this.#cacheWrite,
        reasoningTokens: this.#reasoning,
      },
      usd: isWhole ? this.#usd : null,
      known: { inputTokens: this.#knownInput, outputTokens: this.#knownOutput },
      waitMs: this.waitMs,
      providerMs: this.providerMs,
    };
  }
}

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
