import type { CacheCounters } from "./cache.ts";

/** The counters of a namespace while they count. */
export interface Counting {
  readonly hits: { memory: number; database: number; files: number };
  misses: number;
  joined: number;
  staleServed: number;
  factoryRuns: number;
  factoryFailures: number;
  levelErrors: number;
  droppedWrites: number;
}

export interface Counters {
  /** Of the namespace of a key: what stands before its first `:`. */
  readonly of: (key: string) => Counting;
  readonly snapshot: () => Readonly<Record<string, CacheCounters>>;
}

/** Namespaces come from keys, and keys from whoever asks: past this many the rest are counted together. */
const NAMESPACES_KEPT = 1_000;
const THE_REST = "(other)";

export function createCounters(): Counters {
  const byNamespace = new Map<string, Counting>();

  function of(key: string): Counting {
    const colon = key.indexOf(":");
    const namespace = colon === -1 ? key : key.slice(0, colon);
    const known = byNamespace.get(namespace);
    if (known !== undefined) return known;
    if (byNamespace.size >= NAMESPACES_KEPT && namespace !== THE_REST) return of(THE_REST);
    const counting = fromZero();
    byNamespace.set(namespace, counting);
    return counting;
  }

  return {
    of,
    snapshot: () =>
      Object.fromEntries([...byNamespace].map(([name, each]) => [name, { ...each, hits: { ...each.hits } }])),
  };
}

function fromZero(): Counting {
  return {
    hits: { memory: 0, database: 0, files: 0 },
    misses: 0,
    joined: 0,
    staleServed: 0,
    factoryRuns: 0,
    factoryFailures: 0,
    levelErrors: 0,
    droppedWrites: 0,
  };
}
