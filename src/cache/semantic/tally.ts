interface Sampled {
  right: number;
  wrong: number;
}

/** Namespaces that are measured at most. */
const MOST_NAMESPACES = 1000;

/** Counts of one finder since it was made; what sampling measured goes on from where it stood. */
export interface Tally {
  hit(): void;
  miss(because: string): void;
  veto(guard: string): void;
  evicted(count: number): void;
  saveFailed(): void;
  rejected(): void;
  sampled(namespace: string, outcome: Readonly<Sampled>): void;
  read(): {
    readonly hits: number;
    readonly misses: Readonly<Record<string, number>>;
    readonly vetoes: Readonly<Record<string, number>>;
    readonly evictions: number;
    readonly rejected: number;
    readonly saveFailures: number;
    readonly sampled: ReadonlyMap<string, Readonly<Sampled>>;
  };
}

export function createTally(): Tally {
  const misses = new Map<string, number>();
  const vetoes = new Map<string, number>();
  const sampled = new Map<string, Sampled>();
  let [hits, evictions, rejected, saveFailures] = [0, 0, 0, 0];
  return {
    hit: () => void hits++,
    miss: (because) => void misses.set(because, (misses.get(because) ?? 0) + 1),
    veto: (guard) => void vetoes.set(guard, (vetoes.get(guard) ?? 0) + 1),
    evicted: (count) => void (evictions += count),
    saveFailed: () => void saveFailures++,
    rejected: () => void rejected++,
    sampled(namespace, { right, wrong }) {
      const counts = sampled.get(namespace) ?? { right: 0, wrong: 0 };
      if (sampled.size >= MOST_NAMESPACES && !sampled.has(namespace)) return;
      sampled.set(namespace, { right: counts.right + right, wrong: counts.wrong + wrong });
    },
    read: () => ({
      hits,
      misses: Object.fromEntries(misses),
      vetoes: Object.fromEntries(vetoes),
      evictions,
      rejected,
      saveFailures,
      sampled,
    }),
  };
}
