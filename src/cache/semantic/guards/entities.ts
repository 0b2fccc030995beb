import type { ContentWord, Prepared } from "../text/prepare.ts";
import { isRelated } from "../words/related.ts";
import type { Guard } from "./guard.ts";

/** Guard 5: every name of one side is on the other, as it is or as an acronym of two to five words there. */
export const entities: Guard = { name: "entities", veto: (a, b) => missing(a, b) ?? missing(b, a) };

function missing(a: Prepared, b: Prepared): string | undefined {
  const name = a.content.find(
    (word) =>
      word.isEntity &&
      !b.content.some((other) => isRelated(word.stem, other.stem)) &&
      !b.sequence.includes(word.text) &&
      !hasAcronym(word, b) &&
      !isSpelledOut(word, a, b),
  );
  return name === undefined ? undefined : `${name.text} is on one side only`;
}

function hasAcronym({ text }: ContentWord, { sequence }: Prepared): boolean {
  return text.length >= 2 && text.length <= 5 && initialsOf(sequence).includes(text);
}

function initialsOf(words: readonly string[]): string {
  return words.map((word) => word[0] ?? "").join("");
}

/** A word of "Single Sign-On" where the other side says SSO. */
function isSpelledOut({ stem }: ContentWord, { sequence }: Prepared, { content }: Prepared): boolean {
  const at = sequence.indexOf(stem);
  return content.some(({ text, isEntity }) => {
    const start = isEntity && text.length >= 2 && text.length <= 5 ? initialsOf(sequence).indexOf(text) : -1;
    return start >= 0 && at >= start && at < start + text.length;
  });
}
