import { MillraceError } from "../../core/errors.ts";
import type { LevelStats, MemoryEntry, MemoryLevel, Voucher } from "../contract.ts";
import type { EvictionContext, EvictionPolicy } from "./eviction-policy.ts";
import { createAdaptive } from "./adaptive.ts";
import { hashOf } from "./hash.ts";
import { createLru } from "./lru.ts";
import { createS3Fifo } from "./s3-fifo.ts";
import { createSieve } from "./sieve.ts";
import { createWeakTable } from "./weak-table.ts";

export interface MemoryLevelOptions {
  /** Most entries. Default 10 000. */
  readonly maxItems?: number;
  /** Most bytes of memory that entries may take, with what the level itself needs for them. Default 100 MB. */
  readonly maxBytes?: number;
  /** Which entry goes when there is no room. Default adaptive: s3-fifo or lru, whichever suits the traffic. */
  readonly policy?: EvictionPolicyName;
  /** Share of `maxBytes` above which a single entry is refused. Default 0.1. */
  readonly maxEntryShare?: number;
  /**
   * Objects of so many bytes and more that there is no room for are found again until the collector takes them. They count for no bound.
   * Default Infinity: none. Worth it for large parsed values that many look at for a while.
   */
  readonly weakFromBytes?: number;
}

export type EvictionPolicyName = "adaptive" | "s3-fifo" | "lru" | "sieve";

const POLICIES: Readonly<Record<EvictionPolicyName, (context: EvictionContext) => EvictionPolicy>> = {
  adaptive: createAdaptive,
  "s3-fifo": createS3Fifo,
  lru: createLru,
  sieve: createSieve,
};

/** What an entry takes besides its value and its texts: the entry, its meta data, its place in the map. An estimate. */
const ENTRY_BYTES = 400;
/** What a text takes besides its characters. */
const TEXT_BYTES = 24;
/** Of slots that nobody vouched for. */
const NO_HITS: Voucher["hits"] = { memory: 0 };
/** However much it is shrunk: less would not help the process. */
const LEAST_ROOM_BYTES = 1_000_000;
const DEFAULT_MAX_BYTES = 100_000_000;
/** A `Map` holds no more. */
const MOST_ITEMS = 2 ** 24 - 1;

/**
 * Creates the upper level: values in the memory of this process, bounded by items and by bytes. `stats().bytes` counts what an entry really
 * takes: its `bytes`, its key and tags, and the level's own share.
 */
export function createMemoryLevel({
  maxItems = 10_000,
  maxBytes = DEFAULT_MAX_BYTES,
  policy: policyName = "adaptive",
  maxEntryShare = 0.1,
  weakFromBytes = Infinity,
}: MemoryLevelOptions = {}): MemoryLevel {
  requireBetween("maxItems", maxItems, 1, MOST_ITEMS);
  requireBetween("maxBytes", maxBytes, 1, Number.MAX_SAFE_INTEGER);
  requireBetween("maxEntryShare", maxEntryShare, 0, 1);
  requireBetween("weakFromBytes", weakFromBytes, 0, Infinity);
  if (!Object.hasOwn(POLICIES, policyName)) {
    throw new MillraceError(
      "CONFIG_INVALID",
      `policy must be one of ${Object.keys(POLICIES).join(", ")}, not ${policyName as string}.`,
    );
  }

  // The tables by slot have room for no more entries than there are bytes for: they are a part of what an entry is counted with.
  const capacity = Math.max(1, Math.min(Math.floor(maxItems), Math.floor(maxBytes / (ENTRY_BYTES + TEXT_BYTES))));
  const maxEntryBytes = maxBytes * maxEntryShare;
  const slots = new Map<string, number>();
  const entries: (MemoryEntry | undefined)[] = [];
  const bytesOf = new Float64Array(capacity);
  /** Uses, halved whenever the entry is written anew, so that what was hot once fades. */
  const uses = new Uint32Array(capacity);
  // By slot, what `hit` needs: apart from the entries and close together, since the price of a hit is that of the memory it touches.
  const vouchedUntil = new Float64Array(capacity);
  const vouchedStamp = new Float64Array(capacity);
  const values: unknown[] = [];
  const hitsOf: Voucher["hits"][] = [];
  const policy = POLICIES[policyName]({ capacity, bytes: bytesOf });
  const freeSlots: number[] = [];
  const weak = weakFromBytes === Infinity ? undefined : createWeakTable(weakFromBytes);
  let bytes = 0;
  /** Less than `maxBytes` while it is shrunk. */
  let roomBytes = maxBytes;
  let evictions = 0;

  function put(slot: number, entry: MemoryEntry): void {
    entries[slot] = entry;
    revoke(slot);
  }

  function revoke(slot: number): void {
    vouchedUntil[slot] = 0;
    values[slot] = undefined;
    hitsOf[slot] = NO_HITS;
  }

  function add(entry: MemoryEntry, size: number, isKnown: boolean): number {
    const slot = freeSlots.pop() ?? entries.length;
    put(slot, entry);
    slots.set(entry.key, slot);
    bytesOf[slot] = size;
    bytes += size;
    uses[slot] = 0;
    policy.insert(slot, hashOf(entry.key), isKnown);
    return slot;
  }

  /** Forgets what belonged to a slot that the policy no longer has. */
  function release(slot: number, key: string): void {
    slots.delete(key);
    entries[slot] = undefined;
    revoke(slot);
    bytes -= bytesOf[slot] ?? 0;
    freeSlots.push(slot);
  }

  function remove(slot: number, key: string): void {
    policy.remove(slot);
    release(slot, key);
  }

  function makeRoom(size: number): void {
    while (slots.size > 0 && (slots.size >= capacity || bytes + size > roomBytes)) {
      const slot = policy.evict();
      const entry = entries[slot];
      if (entry !== undefined) weak?.add(entry);
      release(slot, entry?.key ?? "");
      evictions++;
    }
  }

  /** Writes over an entry. When its size changed, it enters the policy again, as one that is known. */
  function replace(slot: number, entry: MemoryEntry, size: number): void {
    const count = (uses[slot] ?? 0) >>> 1;
    let place = slot;
    if (size === bytesOf[slot]) {
      put(slot, entry);
      policy.touch(slot);
    } else {
      remove(slot, entry.key);
      makeRoom(size);
      place = add(entry, size, true);
    }
    uses[place] = count;
  }

  function set(entry: MemoryEntry): boolean {
    const size = sizeInMemory(entry);
    const slot = slots.get(entry.key);
    weak?.delete(entry.key);
    if (size > maxEntryBytes || size > roomBytes) {
      if (slot !== undefined) remove(slot, entry.key);
      weak?.add(entry);
      return false;
    }
    if (slot !== undefined) {
      replace(slot, entry, size);
      return true;
    }
    makeRoom(size);
    add(entry, size, false);
    return true;
  }

  function findAgain(key: string): MemoryEntry | undefined {
    const entry = weak?.take(key);
    if (entry !== undefined) set(entry);
    return entry;
  }

  return {
    peek(key) {
      const slot = slots.get(key);
      if (slot === undefined) return weak === undefined ? undefined : findAgain(key);
      uses[slot] = (uses[slot] ?? 0) + 1;
      policy.touch(slot);
      return entries[slot];
    },
    hit(key, stamp, at) {
      const slot = slots.get(key);
      if (slot === undefined || !((vouchedUntil[slot] ?? 0) > at) || vouchedStamp[slot] !== stamp) return undefined;
      uses[slot] = (uses[slot] ?? 0) + 1;
      policy.touch(slot);
      (hitsOf[slot] ?? NO_HITS).memory++;
      return values[slot];
    },
    vouch(key, voucher) {
      const slot = slots.get(key);
      if (slot === undefined) return;
      vouchedUntil[slot] = voucher.until;
      vouchedStamp[slot] = voucher.stamp;
      values[slot] = entries[slot]?.value;
      hitsOf[slot] = voucher.hits;
    },
    set,
    delete(key) {
      const slot = slots.get(key);
      if (slot === undefined) return weak?.delete(key) ?? false;
      remove(slot, key);
      return true;
    },
    deleteWhere(test) {
      let count = weak?.deleteWhere(test) ?? 0;
      for (let slot = 0; slot < entries.length; slot++) {
        const entry = entries[slot];
        if (entry === undefined || !test(entry)) continue;
        remove(slot, entry.key);
        count++;
      }
      return count;
    },
    clear() {
      slots.clear();
      entries.length = 0;
      values.length = 0;
      hitsOf.length = 0;
      vouchedUntil.fill(0);
      freeSlots.length = 0;
      bytes = 0;
      policy.clear();
      weak?.clear();
    },
    shrinkTo(share) {
      const before = slots.size;
      roomBytes = Math.min(roomBytes, Math.max(LEAST_ROOM_BYTES, share * bytes));
      makeRoom(0);
      return before - slots.size;
    },
    regrow: () => void (roomBytes = maxBytes),
    hottest(limit) {
      return [...slots]
        .toSorted(([, a], [, b]) => (uses[b] ?? 0) - (uses[a] ?? 0))
        .slice(0, Math.max(0, limit))
        .map(([key]) => key);
    },
    *entries() {
      for (const entry of entries) if (entry !== undefined) yield entry;
    },
    stats: (): LevelStats => ({ items: slots.size, bytes, evictions, maxItems: Math.floor(maxItems), maxBytes }),
  };
}

function sizeInMemory({ key, bytes, meta: { tags } }: MemoryEntry): number {
  let size = ENTRY_BYTES + bytes + TEXT_BYTES + key.length;
  for (const tag of tags) size += TEXT_BYTES + tag.length;
  return size;
}

function requireBetween(name: string, value: number, least: number, most: number): void {
  if (value >= least && value <= most) return;
  throw new MillraceError("CONFIG_INVALID", `${name} must be from ${least} to ${most}, not ${value}.`);
}
