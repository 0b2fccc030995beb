import type { CacheStats } from "../cache/cache.ts";
import type { OpenCache } from "../cache/create-cache.ts";
import type { Clock, Timer } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import type { CacheCountsView, CacheHistory, CacheLevelView, CacheSample } from "./api.ts";
import { askedOf, combine, NO_COUNTS } from "./cache-views.ts";

/** What happened in the cache over the last hour. It ends with the process. */
export interface CacheHistoryKeeper {
  read(): CacheHistory;
  close(): void;
}

export interface CacheHistoryOptions {
  readonly cache: Pick<OpenCache, "stats" | "counters">;
  readonly clock: Clock;
  readonly log: Log;
}

const INTERVAL_MS = 10_000;
const SAMPLES_KEPT = 360;
const NAMESPACES_KEPT = 20;
const THE_REST = "(other)";
/** Counting the entries of a level may take long: it takes at most this share of the time. */
const COUNTING_SHARE = 0.01;

/** Takes a sample every 10 s, from now on. */
export function createCacheHistory({ cache, clock, log }: CacheHistoryOptions): CacheHistoryKeeper {
  const samples: CacheSample[] = [];
  let before: CacheStats["namespaces"] = {};
  let levels: readonly CacheLevelView[] = [];
  let countAt = 0;
  let isClosed = false;
  let timer: Timer | undefined;

  async function sample(): Promise<void> {
    if (clock.monotonic() < countAt) return add(cache.counters(), levels);
    const startedAt = clock.monotonic();
    const stats = await cache.stats();
    const endedAt = clock.monotonic();
    countAt = endedAt + (endedAt - startedAt) / COUNTING_SHARE;
    levels = stats.levels;
    add(stats.namespaces, levels);
  }

  function add(now: CacheStats["namespaces"], counted: readonly CacheLevelView[]): void {
    const asked = Object.entries(now)
      .map(([name, counts]) => ({ name, counts: combine(counts, before[name] ?? NO_COUNTS, -1) }))
      .filter(({ counts }) => askedOf(counts) + counts.factoryRuns > 0)
      .toSorted((a, b) => askedOf(b.counts) - askedOf(a.counts));
    before = now;
    samples.push({
      at: new Date(clock.now()).toISOString(),
      total: sumOf(asked),
      namespaces: toNamespaces(asked),
      levels: counted,
    });
    if (samples.length > SAMPLES_KEPT) samples.shift();
  }

  function schedule(): void {
    timer = clock.after(INTERVAL_MS, () => {
      sample()
        .catch((error: unknown) => log.debug({ error }, "the cache could not be sampled"))
        .finally(() => (isClosed ? undefined : schedule()));
    });
  }

  schedule();
  return {
    read: () => ({ intervalMs: INTERVAL_MS, samples: [...samples] }),
    close() {
      isClosed = true;
      timer?.cancel();
    },
  };
}

interface Asked {
  readonly name: string;
  readonly counts: CacheCountsView;
}

function sumOf(asked: readonly Asked[]): CacheCountsView {
  return asked.reduce((sum, { counts }) => combine(sum, counts), NO_COUNTS);
}

function toNamespaces(asked: readonly Asked[]): Readonly<Record<string, CacheCountsView>> {
  const rest = asked.slice(NAMESPACES_KEPT);
  const shown =
    rest.length === 0 ? asked : [...asked.slice(0, NAMESPACES_KEPT), { name: THE_REST, counts: sumOf(rest) }];
  return Object.fromEntries(shown.map(({ name, counts }) => [name, counts]));
}
