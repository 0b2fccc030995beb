import type { CacheCountsView, CacheHistory } from "millrace/http";

/** What happened in one minute. */
export interface Bucket {
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
  readonly total: CacheCountsView;
  readonly namespaces: Readonly<Record<string, CacheCountsView>>;
  /** Entries that went for want of room, on all levels. */
  readonly evictions: number;
}

export const BUCKET_MS = 60_000;
const BUCKETS = 60;

const NO_COUNTS: CacheCountsView = {
  hits: { memory: 0, database: 0, files: 0 },
  misses: 0,
  joined: 0,
  staleServed: 0,
  factoryRuns: 0,
  factoryFailures: 0,
};

/** Sums the samples of the last hour by the minute, oldest first. Minutes that nothing is known of are empty. */
export function toBuckets({ samples }: CacheHistory, now: number): Bucket[] {
  const end = Math.ceil(now / BUCKET_MS) * BUCKET_MS;
  const buckets = Array.from({ length: BUCKETS }, (_, index): Bucket => {
    const from = end - (BUCKETS - index) * BUCKET_MS;
    return { from, to: from + BUCKET_MS, total: NO_COUNTS, namespaces: {}, evictions: 0 };
  });
  let evicted = samples[0] === undefined ? 0 : evictionsOf(samples[0]);
  for (const sample of samples) {
    const before = evicted;
    evicted = evictionsOf(sample);
    // A sample tells of the time before it.
    const index = Math.floor((Date.parse(sample.at) - 1 - (end - BUCKETS * BUCKET_MS)) / BUCKET_MS);
    const bucket = buckets[index];
    if (bucket === undefined) continue;
    buckets[index] = {
      ...bucket,
      total: add(bucket.total, sample.total),
      namespaces: addEach(bucket.namespaces, sample.namespaces),
      evictions: bucket.evictions + Math.max(0, evicted - before),
    };
  }
  return buckets;
}

/** How many asked. */
export function askedOf({ hits, misses, joined }: CacheCountsView): number {
  return hits.memory + hits.database + hits.files + misses + joined;
}

/** The share of those who did not have to wait for a factory of their own; null when nobody asked. */
export function hitRateOf(counts: CacheCountsView): number | null {
  const asked = askedOf(counts);
  return asked === 0 ? null : (asked - counts.misses) / asked;
}

/** Names of the namespaces by how much they were asked, most first. */
export function busiest(buckets: readonly Bucket[], most: number): string[] {
  return Object.entries(sumNamespaces(buckets))
    .toSorted(([, a], [, b]) => askedOf(b) - askedOf(a))
    .slice(0, most)
    .map(([name]) => name);
}

/** The whole hour of each namespace. */
export function sumNamespaces(buckets: readonly Bucket[]): Readonly<Record<string, CacheCountsView>> {
  return buckets.reduce<Readonly<Record<string, CacheCountsView>>>(
    (sum, { namespaces }) => addEach(sum, namespaces),
    {},
  );
}

/** The whole hour. */
export function sumOf(buckets: readonly Bucket[]): CacheCountsView {
  return buckets.reduce((sum, { total }) => add(sum, total), NO_COUNTS);
}

function addEach(
  sums: Readonly<Record<string, CacheCountsView>>,
  more: Readonly<Record<string, CacheCountsView>>,
): Readonly<Record<string, CacheCountsView>> {
  const added = Object.entries(more).map(([name, counts]) => [name, add(sums[name] ?? NO_COUNTS, counts)] as const);
  return { ...sums, ...Object.fromEntries(added) };
}

function add(a: CacheCountsView, b: CacheCountsView): CacheCountsView {
  return {
    hits: {
      memory: a.hits.memory + b.hits.memory,
      database: a.hits.database + b.hits.database,
      files: a.hits.files + b.hits.files,
    },
    misses: a.misses + b.misses,
    joined: a.joined + b.joined,
    staleServed: a.staleServed + b.staleServed,
    factoryRuns: a.factoryRuns + b.factoryRuns,
    factoryFailures: a.factoryFailures + b.factoryFailures,
  };
}

function evictionsOf({ levels }: CacheHistory["samples"][number]): number {
  return levels.reduce((sum, { evictions }) => sum + evictions, 0);
}
