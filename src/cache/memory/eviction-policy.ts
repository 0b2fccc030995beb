/**
 * Decides which slot goes when there is no room. A slot is a small whole number that stands for an entry; the memory level gives them out and
 * keeps what belongs to them. Every slot is in the policy from `insert` until `remove` or `evict`.
 */
export interface EvictionPolicy {
  /** Takes in a new slot. `hash` is that of the key. `isKnown`: the entry was here a moment ago and only changed its size. */
  insert(slot: number, hash: number, isKnown: boolean): void;
  /** The entry was used. The hot path: it allocates nothing. */
  touch(slot: number): void;
  remove(slot: number): void;
  /** Gives up a slot. Never called when there is none. */
  evict(): number;
  clear(): void;
}

/** What a policy may know of the entries. */
export interface EvictionContext {
  /** Most slots there can be; slots are below it. */
  readonly capacity: number;
  /** Bytes by slot. */
  readonly bytes: Float64Array;
}
