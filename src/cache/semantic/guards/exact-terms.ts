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

function terms({ content }: Prepared): string[] {
  return content.filter(({ weight }) => weight === "hard").map(({ stem }) => stem);
}

function toText({ text }: ContentWord): string {
  return text;
}
