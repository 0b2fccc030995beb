import type { EvictionContext, EvictionPolicy } from "./eviction-policy.ts";
import { createSlotLinks, NONE, SlotQueue } from "./slot-queue.ts";

/**
 * SIEVE: a queue that nobody leaves by being used; a hand goes from the oldest to the newest, spares what was used since it last came by and
 * takes the first that was not. The cheapest, good where popularity is steady.
 */
export function createSieve({ capacity }: EvictionContext): EvictionPolicy {
  const queue = new SlotQueue(createSlotLinks(capacity));
  const isUsed = new Uint8Array(capacity);
  let hand = NONE;

  function remove(slot: number): void {
    if (hand === slot) hand = queue.newerThan(slot);
    queue.remove(slot);
  }

  return {
    insert(slot, _hash, isKnown) {
      isUsed[slot] = isKnown ? 1 : 0;
      queue.push(slot);
    },
    touch(slot) {
      isUsed[slot] = 1;
    },
    remove,
    evict() {
      let slot = hand === NONE ? queue.oldest : hand;
      while (isUsed[slot] === 1) {
        isUsed[slot] = 0;
        const newer = queue.newerThan(slot);
        slot = newer === NONE ? queue.oldest : newer;
      }
      hand = slot;
      remove(slot);
      return slot;
    },
    clear() {
      queue.clear();
      hand = NONE;
    },
  };
}
