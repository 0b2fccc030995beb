import type { EvictionContext, EvictionPolicy } from "./eviction-policy.ts";
import { Ghosts } from "./ghosts.ts";
import { createSlotLinks, SlotQueue } from "./slot-queue.ts";

const SMALL_SHARE = 0.1;
const MOST_USES = 3;

const SMALL = 0;
const MAIN = 1;

/**
 * S3-FIFO: newcomers wait in a small queue and leave from there unless they are used, so a scan passes by; what was used, or comes back soon
 * after it left, goes to the main queue, where each use buys one more round. The best or near the best on every kind of traffic.
 */
export function createS3Fifo({ capacity, bytes }: EvictionContext): EvictionPolicy {
  const links = createSlotLinks(capacity);
  const small = new SlotQueue(links);
  const main = new SlotQueue(links);
  const ghosts = new Ghosts(capacity);
  const uses = new Uint8Array(capacity);
  const place = new Uint8Array(capacity);
  const hashes = new Uint32Array(capacity);
  let smallBytes = 0;
  let mainBytes = 0;

  function enter(slot: number, where: typeof SMALL | typeof MAIN): void {
    place[slot] = where;
    if (where === SMALL) {
      small.push(slot);
      smallBytes += bytes[slot] ?? 0;
    } else {
      main.push(slot);
      mainBytes += bytes[slot] ?? 0;
    }
  }

  function leave(slot: number): void {
    if (place[slot] === SMALL) {
      small.remove(slot);
      smallBytes -= bytes[slot] ?? 0;
    } else {
      main.remove(slot);
      mainBytes -= bytes[slot] ?? 0;
    }
  }

  function isSmallFull(): boolean {
    if (main.length === 0) return true;
    return (
      small.length > SMALL_SHARE * (small.length + main.length) || smallBytes > SMALL_SHARE * (smallBytes + mainBytes)
    );
  }

  /** Undefined: all of them were used and went on to the main queue. */
  function evictFromSmall(): number | undefined {
    while (small.length > 0) {
      const slot = small.oldest;
      leave(slot);
      if ((uses[slot] ?? 0) > 0) {
        uses[slot] = 0;
        enter(slot, MAIN);
        if (!isSmallFull()) return undefined;
      } else {
        ghosts.add(hashes[slot] ?? 0);
        return slot;
      }
    }
    return undefined;
  }

  function evictFromMain(): number {
    for (;;) {
      const slot = main.oldest;
      leave(slot);
      const left = uses[slot] ?? 0;
      if (left === 0) return slot;
      uses[slot] = left - 1;
      enter(slot, MAIN);
    }
  }

  return {
    insert(slot, hash, isKnown) {
      uses[slot] = 0;
      hashes[slot] = hash;
      enter(slot, isKnown || ghosts.take(hash) ? MAIN : SMALL);
    },
    touch(slot) {
      const count = uses[slot] ?? 0;
      if (count < MOST_USES) uses[slot] = count + 1;
    },
    remove: leave,
    evict() {
      if (small.length > 0 && isSmallFull()) {
        const slot = evictFromSmall();
        if (slot !== undefined) return slot;
      }
      return evictFromMain();
    },
    clear() {
      small.clear();
      main.clear();
      ghosts.clear();
      smallBytes = 0;
      mainBytes = 0;
    },
  };
}
