import type { Random } from "../../core/random.ts";

/** What is remembered of a hit until somebody says whether it was right. */
export interface RememberedHit {
  readonly itemId: string;
  readonly namespace: string;
  /** Key of the question that was asked. */
  readonly asked: string;
  readonly similarity: number;
  readonly isSampled: boolean;
}

/** The last hits, in a ring. */
export interface Hits {
  add(hit: RememberedHit): string;
  /** Gives a hit once. */
  take(id: string): RememberedHit | undefined;
}

export function createHits(random: Random, size: number): Hits {
  const ring: (string | undefined)[] = [];
  const known = new Map<string, RememberedHit>();
  let next = 0;
  return {
    add(hit) {
      const id = randomId(random);
      const old = ring[next];
      if (old !== undefined) known.delete(old);
      ring[next] = id;
      known.set(id, hit);
      next = (next + 1) % size;
      return id;
    },
    take(id) {
      const hit = known.get(id);
      known.delete(id);
      return hit;
    },
  };
}

/** 100 bits in 20 letters and digits. */
export function randomId(random: Random): string {
  return Array.from({ length: 20 }, () => Math.floor(random.next() * 32).toString(32)).join("");
}
