import type { EvictionPolicy } from "./eviction-policy.ts";

/**
 * A cache of hashes alone, which tells what a policy would have had. Asked for a fixed share of all keys, and as much smaller than the real one, it
 * comes close to its hit rate (Waldspurger and others, Cache Modeling and Optimization using Miniature Simulations, USENIX ATC 2017).
 */
export class Miniature {
  readonly #policy: EvictionPolicy;
  readonly #capacity: number;
  readonly #slots = new Map<number, number>();
  readonly #hashes: Float64Array;

  constructor(policy: EvictionPolicy, capacity: number) {
    this.#policy = policy;
    this.#capacity = capacity;
    this.#hashes = new Float64Array(capacity);
  }

  /** Asks for a key by its hash. True: it was there. */
  ask(hash: number): boolean {
    const slot = this.#slots.get(hash);
    if (slot !== undefined) {
      this.#policy.touch(slot);
      return true;
    }
    let place = this.#slots.size;
    if (place >= this.#capacity) {
      place = this.#policy.evict();
      this.#slots.delete(this.#hashes[place] ?? 0);
    }
    this.#slots.set(hash, place);
    this.#hashes[place] = hash;
    this.#policy.insert(place, hash, false);
    return false;
  }

  clear(): void {
    this.#slots.clear();
    this.#policy.clear();
  }
}
