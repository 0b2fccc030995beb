import type { ServiceTier } from "../question.ts";
import { DEFAULT_PRICE, type ModelPrice, usdOf } from "./prices.ts";
import type { Usage } from "./usage.ts";

/** What one model was charged to one organisation. */
export interface LedgerEntry extends Usage {
  readonly organization: string;
  readonly model: string;
  /** Answers that were charged, those of batches included. */
  readonly calls: number;
  /** How many of them came in batches. */
  readonly batchItems: number;
  /** How many of them the client did not wait for: charged all the same. */
  readonly aborted: number;
  /** How many of them the provider broke off: charged up to there. */
  readonly cut: number;
  readonly usd: number;
}

export interface Charge {
  readonly organization: string;
  readonly model: string;
  readonly tier: ServiceTier;
  readonly usage: Usage;
  readonly outcome: "whole" | "aborted" | "cut";
}

/** The accounts of all organisations. Models beyond the thousandth are booked as `other`. */
export interface Ledger {
  charge(charge: Charge): void;
  /** The client left an answer that is already charged. */
  abandoned(organization: string, model: string): void;
  usdOf(organization: string): number;
  read(): readonly LedgerEntry[];
  reset(): void;
}

const MOST_ENTRIES = 1_000;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export function createLedger(prices: Readonly<Record<string, ModelPrice>>): Ledger {
  const entries = new Map<string, Mutable<LedgerEntry>>();
  const spent = new Map<string, number>();

  function entryOf(organization: string, model: string): Mutable<LedgerEntry> {
    const known = entries.get(`${organization}\n${model}`);
    if (known !== undefined) return known;
    const name = entries.size < MOST_ENTRIES ? model : "other";
    const key = `${organization}\n${name}`;
    const entry = entries.get(key) ?? emptyEntry(organization, name);
    entries.set(key, entry);
    return entry;
  }

  return {
    charge({ organization, model, tier, usage, outcome }) {
      const entry = entryOf(organization, model);
      const usd = usdOf(usage, prices[model] ?? DEFAULT_PRICE, tier);
      entry.calls += 1;
      if (tier === "batch") entry.batchItems += 1;
      if (outcome === "aborted") entry.aborted += 1;
      if (outcome === "cut") entry.cut += 1;
      entry.inputTokens += usage.inputTokens;
      entry.cacheReadTokens += usage.cacheReadTokens;
      entry.cacheWrite5mTokens += usage.cacheWrite5mTokens;
      entry.cacheWrite1hTokens += usage.cacheWrite1hTokens;
      entry.outputTokens += usage.outputTokens;
      entry.reasoningTokens += usage.reasoningTokens;
      entry.usd += usd;
      spent.set(organization, (spent.get(organization) ?? 0) + usd);
    },
    abandoned(organization, model) {
      entryOf(organization, model).aborted += 1;
    },
    usdOf: (organization) => spent.get(organization) ?? 0,
    read: () => structuredClone([...entries.values()]),
    reset() {
      entries.clear();
      spent.clear();
    },
  };
}

function emptyEntry(organization: string, model: string): Mutable<LedgerEntry> {
  return {
    organization,
    model,
    calls: 0,
    batchItems: 0,
    aborted: 0,
    cut: 0,
    inputTokens: 0,
    cacheReadTokens: 0,
    cacheWrite5mTokens: 0,
    cacheWrite1hTokens: 0,
    outputTokens: 0,
    reasoningTokens: 0,
    usd: 0,
  };
}
