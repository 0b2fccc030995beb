import type { ContentWord } from "../text/prepare.ts";
import { unmatched } from "./alignment.ts";
import type { Guard } from "./guard.ts";

/** Least share of its content words that each side must find on the other. */
const LEAST = 0.5;

/** Whatever an embedder says, two prompts that share few words are not known to ask the same. */
export const overlap: Guard = {
  name: "overlap",
  veto(a, b) {
    if (a.content.every(isSoft) && b.content.every(isSoft))
      return a.skeleton === b.skeleton ? undefined : "no word of content on either side";
    const shares = [
      [a, b],
      [b, a],
    ].map(([left, right]) => {
      const words = left?.content.filter((word) => !isSoft(word)) ?? [];
      return words.length === 0 ? 0 : 1 - unmatched(words, right?.content ?? []).length / words.length;
    });
    const least = Math.min(...shares);
    return least < LEAST ? `${Math.round(least * 100)} % of the words are shared` : undefined;
  },
};

function isSoft({ weight }: ContentWord): boolean {
  return weight === "soft";
}
