/** Bounds how many keys of one kind memory keeps: the one that came first goes. */
export interface Quota {
  /** Gives the key that has to go for this one. */
  add(key: string): string | undefined;
}

export function createQuota(maxItems: number): Quota {
  const ring = new Array<string | undefined>(maxItems);
  const known = new Set<string>();
  let next = 0;
  return {
    add(key) {
      if (known.has(key)) return undefined;
      const oldest = ring[next];
      if (oldest !== undefined) known.delete(oldest);
      ring[next] = key;
      known.add(key);
      next = (next + 1) % maxItems;
      return oldest;
    },
  };
}
