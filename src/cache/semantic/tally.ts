interface Sampled {
  right: number;
  wrong: number;
}

/** Counts of one finder since it was made. */
export interface Tally {
  hit(): void;
  miss(because: string): void;
  veto(guard: string): void;
  evicted(count: number): void;
  saveFailed(): void;
  settled(namespace: string, outcome: { readonly isSampled: boolean; readonly isRight: boolean }): void;
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
    settled(namespace, { isSampled, isRight }) {
      if (!isRight) rejected++;
      if (!isSampled) return;
      const counts = sampled.get(namespace) ?? { right: 0, wrong: 0 };
      counts[isRight ? "right" : "wrong"]++;
      sampled.set(namespace, counts);
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
