import type { ContentWord, Prepared } from "../text/prepare.ts";
import type { Guard } from "./guard.ts";
import { areSameForeignTerms } from "./foreign-terms.ts";
import { differenceOf } from "./multiset.ts";

/** The same content words after stemming; in a language whose grammar is not known, much the same words in the same order. */
export const exactTerms: Guard = {
  name: "exact-terms",
  veto(a, b, { left, right }) {
    if (a.isEnglish && b.isEnglish)
      return differenceOf(terms(a), terms(b)) ?? differenceOf(left.map(toText), right.map(toText));
    return !a.isEnglish && !b.isEnglish && areSameForeignTerms(a, b) ? undefined : "other words or another order";
  },
};

/** Words without content that no other word stands for: "20 % off 50" is not 20 % of it. */
const PARTICLES = new Set("off out up down over under without".split(" "));

function terms({ content, sequence }: Prepared): string[] {
  return content
    .filter(({ weight }) => weight === "hard")
    .map(({ stem }) => stem)
    .concat(sequence.filter((word) => PARTICLES.has(word)));
}

function toText({ text }: ContentWord): string {
  return text;
}
