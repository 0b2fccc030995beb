/** What lies in a heap: it knows its place there, so that it can be taken out from the middle. */
export interface HeapItem {
  /** Kept by the heap; -1 while it lies in none. */
  place: number;
}

/** A binary heap: the first item at once, adding and removing in O(log n). */
export interface Heap<T extends HeapItem> {
  readonly size: number;
  first(): T | undefined;
  add(item: T): void;
  /** Takes an item out, wherever it lies. Does nothing for one that lies in no heap. */
  remove(item: T): void;
  [Symbol.iterator](): IterableIterator<T>;
}

export function createHeap<T extends HeapItem>(isBefore: (a: T, b: T) => boolean): Heap<T> {
  const items: T[] = [];

  function put(item: T, place: number): void {
    items[place] = item;
    item.place = place;
  }
  function rise(item: T): void {
    let place = item.place;
    while (place > 0) {
      const parent = items[(place - 1) >> 1] as T;
      if (!isBefore(item, parent)) break;
      put(parent, place);
      place = (place - 1) >> 1;
    }
    put(item, place);
  }
  function sink(item: T): void {
    let place = item.place;
    for (let child = 2 * place + 1; child < items.length; child = 2 * place + 1) {
      const right = items[child + 1];
      if (right !== undefined && isBefore(right, items[child] as T)) child += 1;
      const smaller = items[child] as T;
      if (!isBefore(smaller, item)) break;
      put(smaller, place);
      place = child;
    }
    put(item, place);
  }

  return {
    get size() {
      return items.length;
    },
    first: () => items[0],
    add(item) {
      item.place = items.push(item) - 1;
      rise(item);
    },
    remove(item) {
      if (item.place < 0) return;
      const place = item.place;
      const last = items.pop() as T;
      item.place = -1;
      if (last === item) return;
      put(last, place);
      rise(last);
      sink(last);
    },
    [Symbol.iterator]: () => items.values(),
  };
}
