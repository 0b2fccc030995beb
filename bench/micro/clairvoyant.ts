import type { Trace } from "./traces.ts";

/** Hits of the best cache there can be: it knows the trace and gives up the key that is asked for latest (Belady). */
export function clairvoyantHits(trace: Trace, capacity: number): number {
  const nextUse = toNextUses(trace);
  const kept = new Map<number, number>();
  const heap = new Latest();
  let hits = 0;
  for (let index = 0; index < trace.length; index++) {
    const key = trace[index] ?? 0;
    const next = nextUse[index] ?? Infinity;
    if (kept.has(key)) hits++;
    else if (kept.size >= capacity) evictLatest(kept, heap);
    kept.set(key, next);
    heap.push(key, next);
  }
  return hits;
}

/** What lies on the heap may be out of date: only what agrees with the map counts. */
function evictLatest(kept: Map<number, number>, heap: Latest): void {
  for (;;) {
    const [key, use] = heap.pop();
    if (kept.get(key) !== use) continue;
    kept.delete(key);
    return;
  }
}

function toNextUses(trace: Trace): Float64Array {
  const next = new Float64Array(trace.length);
  const seen = new Map<number, number>();
  for (let index = trace.length - 1; index >= 0; index--) {
    const key = trace[index] ?? 0;
    next[index] = seen.get(key) ?? Infinity;
    seen.set(key, index);
  }
  return next;
}

/** A heap with the latest use on top. */
class Latest {
  readonly #items: (readonly [key: number, use: number])[] = [];

  push(key: number, use: number): void {
    const items = this.#items;
    let place = items.push([key, use]) - 1;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (this.#useAt(parent) >= use) break;
      this.#swap(place, parent);
      place = parent;
    }
  }

  pop(): readonly [key: number, use: number] {
    const items = this.#items;
    const [top] = items;
    const last = items.pop();
    if (top === undefined || last === undefined) throw new Error("the heap is empty");
    if (items.length === 0) return top;
    items[0] = last;
    for (let place = 0; ;) {
      const left = 2 * place + 1;
      const larger = this.#useAt(left + 1) > this.#useAt(left) ? left + 1 : left;
      if (this.#useAt(larger) <= this.#useAt(place)) return top;
      this.#swap(place, larger);
      place = larger;
    }
  }

  #useAt(place: number): number {
    return this.#items[place]?.[1] ?? -1;
  }

  #swap(a: number, b: number): void {
    const items = this.#items;
    const [first, second] = [items[a], items[b]];
    if (first === undefined || second === undefined) return;
    items[a] = second;
    items[b] = first;
  }
}
