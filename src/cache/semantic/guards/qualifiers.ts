import type { Prepared } from "../text/prepare.ts";
import type { Guard } from "./guard.ts";
import { differenceOf } from "./multiset.ts";

/** Words that narrow what is asked, wherever they stand. */
const QUALIFIERS = new Set("only solely exclusively besides".split(" "));

/** "Only" and its kin stand on both sides or on none. */
export const qualifiers: Guard = { name: "qualifiers", veto: (a, b) => differenceOf(narrowing(a), narrowing(b)) };

function narrowing({ sequence }: Prepared): string[] {
  return sequence.filter((word) => QUALIFIERS.has(word));
}
