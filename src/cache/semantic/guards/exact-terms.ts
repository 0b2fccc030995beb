import type { Prepared } from "../text/prepare.ts";
import type { Guard } from "./guard.ts";
import { differenceOf } from "./multiset.ts";

/** The same content words after stemming; in a language whose grammar is not known, the same words in the same order. */
export const exactTerms: Guard = {
  name: "exact-terms",
  veto(a, b) {
    if (a.isEnglish && b.isEnglish) return differenceOf(terms(a), terms(b));
    return a.sequence.join(" ") === b.sequence.join(" ") ? undefined : "other words or another order";
  },
};

function terms({ content }: Prepared): string[] {
  return content.filter(({ isSoft }) => !isSoft).map(({ stem }) => stem);
}
