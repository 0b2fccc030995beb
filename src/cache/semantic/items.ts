import { canonicalKey } from "./text/canonical-key.ts";
import { prepare, type Prepared } from "./text/prepare.ts";
import type { SimilarRow } from "./rows.ts";
import { createVectorIndex, type VectorIndex } from "./vectors/vector-index.ts";

/** A stored question in memory. */
export interface Item {
  row: SimilarRow;
  readonly canonical: string;
  /** Read for the guards when first a candidate. */
  readonly prepared: () => Prepared;
  readonly bytes: number;
  /** Place in its partition's index. */
  at: number;
  /** Place among all items. */
  slot: number;
  wasUsed: boolean;
}

export interface Partition {
  readonly index: VectorIndex;
  /** By row of the index. */
  readonly items: Item[];
  readonly byCanonical: Map<string, Item>;
}

export interface ItemsOptions {
  readonly dimensions: number;
  readonly maxItems: number;
  readonly maxBytes: number;
}

/** All stored questions, by partition, bounded: the clock hand passes over those that were used since it last came by. */
export interface Items {
  readonly size: number;
  readonly bytes: number;
  readonly partitions: number;
  partition(key: string): Partition | undefined;
  get(id: string): Item | undefined;
  ofEntry(entryId: string): readonly Item[];
  /** Adds an item and gives the ids of those that had to go. */
  add(row: SimilarRow, now: number): readonly string[];
  remove(item: Item): void;
}

/** Strings, prepared words and bookkeeping of an item beside its vector and prompt. */
const OVERHEAD_BYTES = 1500;

export function createItems({ dimensions, maxItems, maxBytes }: ItemsOptions): Items {
  const partitions = new Map<string, Partition>();
  const byId = new Map<string, Item>();
  const slots: Item[] = [];
  let bytes = 0;
  let hand = 0;

  const remove = (item: Item): void => {
    const partition = partitions.get(item.row.partition);
    if (partition === undefined || byId.get(item.row.id) !== item) return;
    swapOut(slots, item.slot, (moved, slot) => {
      moved.slot = slot;
    });
    partition.index.swapDelete(item.at);
    swapOut(partition.items, item.at, (moved, at) => {
      moved.at = at;
    });
    if (partition.byCanonical.get(item.canonical) === item) partition.byCanonical.delete(item.canonical);
    if (partition.items.length === 0) partitions.delete(item.row.partition);
    byId.delete(item.row.id);
    bytes -= item.bytes;
  };

  const evictOne = (now: number): string | undefined => {
    for (let steps = 0; steps <= slots.length * 2; steps++) {
      hand = hand >= slots.length ? 0 : hand;
      const item = slots[hand];
      if (item === undefined) return undefined;
      if (item.wasUsed && item.row.expiresAt > now) {
        item.wasUsed = false;
        hand++;
        continue;
      }
      remove(item);
      return item.row.id;
    }
    return undefined;
  };

  return {
    get size() {
      return slots.length;
    },
    get bytes() {
      return bytes;
    },
    get partitions() {
      return partitions.size;
    },
    partition: (key) => partitions.get(key),
    get: (id) => byId.get(id),
    ofEntry: (entryId) => slots.filter(({ row }) => row.entryId === entryId),
    add(row, now) {
      const evicted: string[] = [];
      const size = row.vector.length + row.prompt.length * 2 + OVERHEAD_BYTES;
      const isFull = (): boolean => slots.length >= maxItems || bytes + size > maxBytes;
      while (slots.length > 0 && isFull()) {
        const id = evictOne(now);
        if (id === undefined) break;
        evicted.push(id);
      }
      let partition = partitions.get(row.partition);
      if (partition === undefined) {
        partition = { index: createVectorIndex({ dimensions }), items: [], byCanonical: new Map() };
        partitions.set(row.partition, partition);
      }
      const item = toItem(row, size, partition.items.length, slots.length);
      partition.index.add(row.vector);
      partition.items.push(item);
      partition.byCanonical.set(item.canonical, item);
      slots.push(item);
      byId.set(row.id, item);
      bytes += size;
      return evicted;
    },
    remove,
  };
}

function toItem(row: SimilarRow, bytes: number, at: number, slot: number): Item {
  let prepared: Prepared | undefined;
  return {
    row,
    canonical: canonicalKey(row.prompt),
    prepared: () => (prepared ??= prepare(row.prompt)),
    bytes,
    at,
    slot,
    wasUsed: false,
  };
}

function swapOut(items: Item[], at: number, move: (item: Item, at: number) => void): void {
  const last = items.pop();
  if (last === undefined || at === items.length) return;
  items[at] = last;
  move(last, at);
}
