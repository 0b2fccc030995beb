/** Links between slots, shared by all queues of one policy: a slot is in one queue at a time. */
export interface SlotLinks {
  readonly newer: Int32Array;
  readonly older: Int32Array;
}

export const NONE = -1;

export function createSlotLinks(capacity: number): SlotLinks {
  return { newer: new Int32Array(capacity), older: new Int32Array(capacity) };
}

/** A queue of slots in which any member can be taken out at once: new ones come in at one end, the oldest stands at the other. */
export class SlotQueue {
  readonly #newer: Int32Array;
  readonly #older: Int32Array;
  newest = NONE;
  oldest = NONE;
  length = 0;

  constructor({ newer, older }: SlotLinks) {
    this.#newer = newer;
    this.#older = older;
  }

  push(slot: number): void {
    this.#older[slot] = this.newest;
    this.#newer[slot] = NONE;
    if (this.newest === NONE) this.oldest = slot;
    else this.#newer[this.newest] = slot;
    this.newest = slot;
    this.length++;
  }

  remove(slot: number): void {
    const newer = this.newerThan(slot);
    const older = this.#older[slot] ?? NONE;
    if (newer === NONE) this.newest = older;
    else this.#older[newer] = older;
    if (older === NONE) this.oldest = newer;
    else this.#newer[older] = newer;
    this.length--;
  }

  newerThan(slot: number): number {
    return this.#newer[slot] ?? NONE;
  }

  clear(): void {
    this.newest = NONE;
    this.oldest = NONE;
    this.length = 0;
  }
}
