import type { Clock } from "./clock.ts";
import type { Random } from "./random.ts";

/** Makes ids: UUID version 7 (RFC 9562), so that ids sort by birth. */
export interface Ids {
  next(): string;
}

/** Creates a source of ids. Ids born in one millisecond still sort in order: 12 bits count within it. */
export function createIds({ clock, random }: { readonly clock: Clock; readonly random: Random }): Ids {
  let lastAt = 0;
  let counter = 0;
  return {
    next() {
      const now = clock.now();
      if (now > lastAt) {
        lastAt = now;
        counter = Math.floor(random.next() * 0x400);
      } else if (++counter > 0xfff) {
        lastAt += 1;
        counter = 0;
      }
      const time = lastAt.toString(16).padStart(12, "0");
      const low = counter.toString(16).padStart(3, "0");
      const variant = (0x8000 | Math.floor(random.next() * 0x4000)).toString(16);
      const tail = hex(random, 6) + hex(random, 6);
      return `${time.slice(0, 8)}-${time.slice(8)}-7${low}-${variant}-${tail}`;
    },
  };
}

function hex(random: Random, digits: number): string {
  return Math.floor(random.next() * 16 ** digits)
    .toString(16)
    .padStart(digits, "0");
}
