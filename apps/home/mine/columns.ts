import type { EventSeries } from "../domain/series.ts";

/** A list of whole numbers or floats that grows without boxing its items; used while the final length is not known. */
export class Growing<T extends Float64Array | Uint32Array | Uint8Array> {
  #items: T;
  #length = 0;
  readonly #create: (length: number) => T;

  constructor(create: (length: number) => T, capacity = 1_024) {
    this.#create = create;
    this.#items = create(capacity);
  }

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#items.length) {
      const larger = this.#create(this.#items.length * 2);
      larger.set(this.#items);
      this.#items = larger;
    }
    this.#items[this.#length++] = value;
  }

  get(index: number): number {
    return this.#items[index] as number;
  }

  set(index: number, value: number): void {
    this.#items[index] = value;
  }

  /** The items so far, without a copy. */
  toArray(): T {
    return this.#items.subarray(0, this.#length) as T;
  }
}

/* Read an item that is known to be there. One function for each kind of list: a function that meets several is compiled for none. */

export function float(items: Float64Array, index: number): number {
  return items[index] as number;
}

export function whole(items: Uint32Array, index: number): number {
  return items[index] as number;
}

export function small(items: Uint16Array, index: number): number {
  return items[index] as number;
}

export function byte(items: Uint8Array, index: number): number {
  return items[index] as number;
}

export function signed(items: Int32Array, index: number): number {
  return items[index] as number;
}

/** The first index whose item is not below `value`, in a sorted list. */
export function lowerBound(items: Float64Array, value: number): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((items[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The memory of a series' columns, to be handed to a thread. */
export function columnsOf({ at, entity, state, cause }: EventSeries): readonly ArrayBufferLike[] {
  return [at, entity, state, cause].map(({ buffer }) => buffer);
}
