import type { EvictionContext, EvictionPolicy } from "./eviction-policy.ts";
import { Ghosts } from "./ghosts.ts";
import { createSlotLinks, SlotQueue } from "./slot-queue.ts";

/** By which order slots are given up: `frequency` is S3-FIFO, `recency` is least recently used, on the same queues. */
export type EvictionOrder = "frequency" | "recency";

export interface S3Fifo extends EvictionPolicy {
  /** From now on. What is kept stays where it is. Default frequency. */
  goBy(order: EvictionOrder): void;
}

const LEAST_SHARE = 0.1;
const MOST_SHARE = 0.9;
/** A key that comes back while so small a share of the capacity left after it would have been kept by a slightly longer queue. */
const NEAR_MISS_SHARE = 0.05;
/** How far a near miss moves the border between the queues, in slots. */
const STEP_SLOTS = 4;
const MOST_USES = 3;

const SMALL = 0;
const MAIN = 1;

/**
 * S3-FIFO: newcomers wait in a small queue and leave from there unless they are used, so a scan passes by; what was used, or comes back soon
 * after it left, goes to the main queue, where each use buys one more round. The small queue begins with a tenth of the room and grows while keys come back
 * just after they left it, which happens when popularity drifts; it shrinks while that happens to the main queue.
 */
export function createS3Fifo({ capacity, bytes }: EvictionContext): S3Fifo {
  let order: EvictionOrder = "frequency";
  const links = createSlotLinks(capacity);
  const small = new SlotQueue(links);
  const main = new SlotQueue(links);
  const leftSmall = new Ghosts(capacity);
  const leftMain = new Ghosts(capacity);
  const nearMiss = NEAR_MISS_SHARE * capacity;
  const step = STEP_SLOTS / capacity;
  let smallShare = LEAST_SHARE;
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
      small.length > smallShare * (small.length + main.length) || smallBytes > smallShare * (smallBytes + mainBytes)
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
        leftSmall.add(hashes[slot] ?? 0);
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
      if (left === 0) {
        leftMain.add(hashes[slot] ?? 0);
        return slot;
      }
      uses[slot] = left - 1;
      enter(slot, MAIN);
    }
  }

  /** Whether the key left the small queue not long ago; moves the border by what that tells. */
  function isBack(hash: number): boolean {
    const sinceSmall = leftSmall.take(hash);
    const sinceMain = leftMain.take(hash);
    if (sinceSmall < nearMiss) smallShare = Math.min(MOST_SHARE, smallShare + step);
    if (sinceMain < nearMiss) smallShare = Math.max(LEAST_SHARE, smallShare - step);
    return sinceSmall < Infinity;
  }

  function evictOldest(): number {
    const slot = small.length > 0 ? small.oldest : main.oldest;
    (place[slot] === SMALL ? leftSmall : leftMain).add(hashes[slot] ?? 0);
    leave(slot);
    return slot;
  }

  return {
    goBy(next) {
      order = next;
    },
    insert(slot, hash, isKnown) {
      uses[slot] = 0;
      hashes[slot] = hash;
      const goesToMain = isKnown || isBack(hash) || order === "recency";
      enter(slot, goesToMain ? MAIN : SMALL);
    },
    touch(slot) {
      const count = uses[slot] ?? 0;
      if (count < MOST_USES) uses[slot] = count + 1;
      if (order === "frequency" || main.newest === slot) return;
      leave(slot);
      enter(slot, MAIN);
    },
    remove: leave,
    evict() {
      if (order === "recency") return evictOldest();
      if (small.length > 0 && isSmallFull()) {
        const slot = evictFromSmall();
        if (slot !== undefined) return slot;
      }
      return evictFromMain();
    },
    clear() {
      small.clear();
      main.clear();
      leftSmall.clear();
      leftMain.clear();
      smallShare = LEAST_SHARE;
      smallBytes = 0;
      mainBytes = 0;
    },
  };
}
