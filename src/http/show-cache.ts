import { HOT_KEYS_BUDGET } from "../cache/hot-keys.ts";
import type { CacheCounters } from "../cache/cache.ts";
import type { OpenCache } from "../cache/create-cache.ts";
import type { Similar } from "../cache/semantic/similar.ts";
import type { Warming, WarmingReport } from "../cache/warm.ts";
import type { Clock } from "../core/clock.ts";
import type { CacheView, CacheWarmingView } from "./api.ts";
import { askedOf, toSimilarStats, totalOf, toUseView } from "./cache-views.ts";

/** The cache of a host, as the API shows and steers it. */
export interface ServedCache {
  readonly cache: OpenCache;
  /** Undefined while nothing has asked for answers to similar questions. */
  similarIfOpen(): Similar | undefined;
  /** Undefined before the apps have started. */
  warming(): Warming | undefined;
}

export interface ShowCacheOptions extends ServedCache {
  readonly clock: Clock;
  /** Since when the counters count, in milliseconds since the epoch. */
  readonly startedAt: number;
}

/** Tells how the cache of this process does. */
export async function showCache({ clock, startedAt, ...served }: ShowCacheOptions): Promise<CacheView> {
  const { levels, namespaces } = await served.cache.stats();
  const similar = served.similarIfOpen();
  return {
    process: { pid: process.pid, startedAt: new Date(startedAt).toISOString() },
    at: new Date(clock.now()).toISOString(),
    levels,
    total: toUseView(totalOf(namespaces)),
    namespaces: Object.entries(namespaces)
      .toSorted(([, a], [, b]) => askedOf(b) - askedOf(a))
      .map(([name, counters]) => toNamespaceView(name, counters)),
    warming: (served.warming()?.totals() ?? []).map(toWarmingView),
    hot: HOT_KEYS_BUDGET,
    similar: similar === undefined ? null : toSimilarStats(similar.stats()),
  };
}

export function toWarmingView({ name, made, failed }: WarmingReport): CacheWarmingView {
  return { loader: name, made, failed };
}

function toNamespaceView(name: string, counters: CacheCounters): CacheView["namespaces"][number] {
  return { name, ...toUseView(counters) };
}
