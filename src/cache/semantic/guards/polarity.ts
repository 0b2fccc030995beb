import type { Prepared } from "../text/prepare.ts";
import { stem } from "../text/stem.ts";
import type { Guard } from "./guard.ts";
import { residual } from "./multiset.ts";
import { unmatched } from "./alignment.ts";

/** Guard 4: no word of one side is the opposite of a word of the other. Prepositions and particles count. */
export const polarity: Guard = {
  name: "polarity",
  veto(a, b, { isOpposite }) {
    const left = leftOver(a, b);
    const right = leftOver(b, a);
    for (const one of left) {
      const other = right.find((candidate) => isOpposite(one, candidate));
      if (other !== undefined) return `${one} against ${other}`;
    }
    return lackingAgainst(a, b) ?? lackingAgainst(b, a);
  },
};

function leftOver(a: Prepared, b: Prepared): string[] {
  const grammar = residual(a.sequence, b.sequence)
    .filter((word) => POLAR_GRAMMAR.has(word))
    .map(stem);
  return grammar.concat(unmatched(a.content, b.content).map(({ stem }) => stem));
}

/** Function words with an opposite. */
const POLAR_GRAMMAR = new Set(
  "on off in out up down over under above below before after with without from to into all some any every no none always never here there must may".split(
    " ",
  ),
);

/** X against X-free. */
function lackingAgainst(a: Prepared, b: Prepared): string | undefined {
  const word = a.lacking.find(
    (stem) => !b.lacking.includes(stem) && b.content.some((other) => other.stem.startsWith(stem)),
  );
  return word === undefined ? undefined : `${word} against free of it`;
}
