const WAYS = 4;

/**
 * Remembers the keys that left last, by their hash, without holding on to them: about as many as its capacity. A bucket has four places and
 * gives up its oldest, so a few are forgotten early; a mix-up of two hashes costs nothing but a wrong guess.
 */
export class Ghosts {
  readonly #capacity: number;
  readonly #mask: number;
  readonly #hashes: Uint32Array;
  /** When it left, counted in departures; 0 for an empty place. */
  readonly #leftAt: Float64Array;
  #now = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
    const buckets = 2 ** Math.ceil(Math.log2(Math.max(1, (capacity * 2) / WAYS)));
    this.#mask = buckets - 1;
    this.#hashes = new Uint32Array(buckets * WAYS);
    this.#leftAt = new Float64Array(buckets * WAYS);
  }

  add(hash: number): void {
    const first = (hash & this.#mask) * WAYS;
    let place = first;
    for (let way = first + 1; way < first + WAYS; way++) {
      if ((this.#leftAt[way] ?? 0) < (this.#leftAt[place] ?? 0)) place = way;
    }
    this.#now++;
    this.#hashes[place] = hash;
    this.#leftAt[place] = this.#now;
  }

  /** How many left since the key did, from 0 on, and forgets it; Infinity when it is not remembered. */
  take(hash: number): number {
    const first = (hash & this.#mask) * WAYS;
    for (let way = first; way < first + WAYS; way++) {
      const leftAt = this.#leftAt[way] ?? 0;
      if (leftAt === 0 || this.#hashes[way] !== hash >>> 0) continue;
      this.#leftAt[way] = 0;
      const since = this.#now - leftAt;
      return since < this.#capacity ? since : Infinity;
    }
    return Infinity;
  }

  clear(): void {
    this.#leftAt.fill(0);
    this.#now = 0;
  }
}
