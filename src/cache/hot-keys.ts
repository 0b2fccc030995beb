import type { Clock } from "../core/clock.ts";
import type { OpenCache } from "./create-cache.ts";

/** What loading hot keys may cost. */
export interface HotKeysBudget {
  /** Default 1 000. */
  readonly maxItems?: number;
  /** Default 32 MB. */
  readonly maxBytes?: number;
  /** In milliseconds. Default 2 000. */
  readonly maxMs?: number;
}

export interface KeepHotKeysOptions extends Pick<HotKeysBudget, "maxItems"> {
  readonly name?: string;
  /** Namespaces of what is kept in memory alone: nothing could bring it back. */
  readonly except?: readonly string[];
}

export interface HotKeysReport {
  readonly items: number;
  readonly bytes: number;
  /** Keys that were hot and are no longer there, or did not fit the budget. */
  readonly left: number;
}

/** What a start brings back, unless it is told otherwise. */
export const HOT_KEYS_BUDGET = {
  maxItems: 1_000,
  maxBytes: 32_000_000,
  maxMs: 2_000,
} as const satisfies Required<HotKeysBudget>;

const NAMESPACE = "millrace-hot-keys";
const KEPT = { ttl: "30d", jitter: 0, levels: { memory: false } } as const;

/** Writes down which keys were hot, in the levels below memory: before closing. */
export async function keepHotKeys(
  cache: OpenCache,
  { maxItems = HOT_KEYS_BUDGET.maxItems, name = "all", except = [] }: KeepHotKeysOptions = {},
): Promise<void> {
  const left = [NAMESPACE, ...except].map((namespace) => `${namespace}:`);
  const keys = cache
    .hottest(Number.MAX_SAFE_INTEGER)
    .filter((key) => !left.some((start) => key.startsWith(start)))
    .slice(0, maxItems);
  if (keys.length === 0) return;
  await cache.set(`${NAMESPACE}:${name}`, keys, KEPT);
  await cache.flush();
}

/** Loads what was hot when the cache was last closed from below into memory, best first, within a budget. Never throws for want of it. */
export async function loadHotKeys(
  cache: OpenCache,
  {
    clock,
    maxItems = HOT_KEYS_BUDGET.maxItems,
    maxBytes = HOT_KEYS_BUDGET.maxBytes,
    maxMs = HOT_KEYS_BUDGET.maxMs,
    name = "all",
  }: HotKeysBudget & { readonly clock: Clock; readonly name?: string },
): Promise<HotKeysReport> {
  const kept = await cache.get<readonly string[]>(`${NAMESPACE}:${name}`, KEPT);
  const keys = kept?.value ?? [];
  const until = clock.monotonic() + maxMs;
  let items = 0;
  let bytes = 0;
  for (const key of keys) {
    if (items >= maxItems || bytes >= maxBytes || clock.monotonic() >= until) break;
    const size = await cache.promote(key);
    if (size === undefined) continue;
    items++;
    bytes += size;
  }
  return { items, bytes, left: keys.length - items };
}
