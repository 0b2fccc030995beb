import type { EvictionContext, EvictionPolicy } from "./eviction-policy.ts";
import { createSlotLinks, SlotQueue } from "./slot-queue.ts";

/** Least recently used: the best choice where popularity drifts fast and nothing scans. */
export function createLru({ capacity }: EvictionContext): EvictionPolicy {
  const queue = new SlotQueue(createSlotLinks(capacity));
  return {
    insert: (slot) => queue.push(slot),
    touch(slot) {
      if (queue.newest === slot) return;
      queue.remove(slot);
      queue.push(slot);
    },
    remove: (slot) => queue.remove(slot),
    evict() {
      const slot = queue.oldest;
      queue.remove(slot);
      return slot;
    },
    clear: () => queue.clear(),
  };
}
