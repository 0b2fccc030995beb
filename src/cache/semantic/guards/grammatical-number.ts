import type { ContentWord, Prepared } from "../text/prepare.ts";
import { isVerb } from "../words/related.ts";
import type { Guard } from "./guard.ts";

/**
 * One certain thing is not several: "the last message" and "the last messages", "the lamp" and "lamps", "an email" and "all emails", "Alien"
 * and "Aliens". What is said of a kind may be in either number: "a hash table" and "hash tables".
 */
export const grammaticalNumber: Guard = {
  name: "grammatical-number",
  veto(a, b) {
    for (const one of a.content) {
      const other = b.content.find(({ stem }) => stem === one.stem);
      if (other === undefined || one.isPlural === other.isPlural || !isAlone(one, a) || !isAlone(other, b)) continue;
      if (headOf(one, a) !== headOf(other, b)) continue;
      const [single, several, ofSingle, ofSeveral] = one.isPlural ? [other, one, b, a] : [one, other, a, b];
      if (isMore(several, single) && !(isAskedFor(single, ofSingle) && isAskedFor(several, ofSeveral)))
        return `${single.text} against ${several.text}`;
    }
    return undefined;
  },
};

function isMore(several: ContentWord, single: ContentWord): boolean {
  if (several.isEntity && single.isEntity) return true;
  if (several.determiner === "all") return single.determiner !== undefined;
  return single.determiner === "definite";
}

function isAlone({ stem }: ContentWord, { content }: Prepared): boolean {
  return content.filter((word) => word.stem === stem).length === 1;
}

/** The noun that a noun only says more about: "list" of "the guest list", which is the list of guests. */
function headOf({ at }: ContentWord, { content }: Prepared): string | undefined {
  return content.find((word) => word.at === at + 1 && !isVerb(word.stem))?.stem;
}

/** "What is the cause" and "what are the causes": whoever asks does not know how many there are. */
function isAskedFor({ at }: ContentWord, { words }: Prepared): boolean {
  const before = words.slice(Math.max(0, at - 3), at).join(" ");
  return /\b(?:(?:what|which) (?:is|are|was|were)|what's)(?: the)?$/.test(before);
}
