import type { EvictionContext, EvictionPolicy } from "./eviction-policy.ts";
import { createLru } from "./lru.ts";
import { Miniature } from "./miniature.ts";
import { createS3Fifo } from "./s3-fifo.ts";

/** Slots of a miniature, about: fewer say too little, more cost too much. */
const MINIATURE_SLOTS = 256;
/** At most one key of eight is sampled, also of a small cache: an ask costs several times as much as a hit. */
const LEAST_SHIFT = 3;
/** By how many hits one order must lead before it is taken. */
const LEAD = 32;
/** Other bits of the hash than those that the queues' tables are indexed by. */
const SAMPLED_BITS = 8;

/**
 * S3-FIFO or LRU, whichever would have had more of late: S3-FIFO is ahead on steady popularity, on scans and on loops, LRU where popularity
 * drifts fast. A sample of the keys is asked of a miniature of each, and their hits race for a counter that saturates at both ends
 * (set dueling: Qureshi and others, Adaptive Insertion Policies for High Performance Caching, ISCA 2007).
 */
export function createAdaptive({ capacity, bytes }: EvictionContext): EvictionPolicy {
  const shift = Math.max(LEAST_SHIFT, Math.floor(Math.log2(capacity / MINIATURE_SLOTS)));
  const slots = Math.max(1, Math.round(capacity / 2 ** shift));
  const context = { capacity: slots, bytes: new Float64Array(slots).fill(1) };
  const byFrequency = new Miniature(createS3Fifo(context), slots);
  const byRecency = new Miniature(createLru(context), slots);
  const mask = 2 ** shift - 1;
  const policy = createS3Fifo({ capacity, bytes });
  const isSampled = new Uint8Array(capacity);
  const hashes = new Uint32Array(capacity);
  let lead = -LEAD;

  function race(hash: number): void {
    const isFrequent = byFrequency.ask(hash);
    const isRecent = byRecency.ask(hash);
    if (isFrequent === isRecent) return;
    lead = isRecent ? Math.min(LEAD, lead + 1) : Math.max(-LEAD, lead - 1);
    if (lead === LEAD) policy.goBy("recency");
    if (lead === -LEAD) policy.goBy("frequency");
  }

  return {
    insert(slot, hash, isKnown) {
      hashes[slot] = hash;
      isSampled[slot] = ((hash >>> SAMPLED_BITS) & mask) === 0 ? 1 : 0;
      if (isSampled[slot] === 1 && !isKnown) race(hash);
      policy.insert(slot, hash, isKnown);
    },
    touch(slot) {
      policy.touch(slot);
      if (isSampled[slot] === 1) race(hashes[slot] ?? 0);
    },
    remove: (slot) => policy.remove(slot),
    evict: () => policy.evict(),
    clear() {
      policy.clear();
      policy.goBy("frequency");
      byFrequency.clear();
      byRecency.clear();
      lead = -LEAD;
    },
  };
}
