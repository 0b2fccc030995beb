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
  let prefix = "";

  function at(now: number): void {
    lastAt = now;
    const time = now.toString(16).padStart(12, "0");
    prefix = `${time.slice(0, 8)}-${time.slice(8)}-7`;
  }

  return {
    next() {
      const now = clock.now();
      if (now > lastAt) {
        at(now);
        counter = Math.floor(random.next() * 0x400);
      } else if (++counter > 0xfff) {
        at(lastAt + 1);
        counter = 0;
      }
      const low = (0x1000 | counter).toString(16).slice(1);
      const variant = (0x8000 | Math.floor(random.next() * 0x4000)).toString(16);
      return `${prefix}${low}-${variant}-${sixDigits(random)}${sixDigits(random)}`;
    },
  };
}

function sixDigits(random: Random): string {
  return (0x1000000 | Math.floor(random.next() * 0x1000000)).toString(16).slice(1);
}
