import { toTokens, foldUnicode } from "./tokens.ts";

const POLITENESS = /^(?:please|kindly|thanks|thank|hi|hello|hey|dear)$/;

/**
 * A prompt with case, space, Unicode form, punctuation and politeness folded away, and nothing else: identifiers, numbers, operators and
 * what stands in quotes are kept as they are, so that two prompts of one key ask for the same to the letter.
 *
 * @example canonicalKey("Please  explain what “WAL” is!") === canonicalKey('explain what "WAL" is')
 */
export function canonicalKey(prompt: string): string {
  const folded = foldUnicode(prompt);
  const parts = folded.split(/("[^"]*"|`[^`]*`)/);
  return parts
    .map((part, index) => (index % 2 === 1 ? part : plain(part)))
    .filter((part) => part !== "")
    .join(" ");
}

function plain(text: string): string {
  const words = toTokens(text)
    .map(({ kind, text: lower, raw }) => (kind === "word" || kind === "foreign" ? lower : raw.trim()))
    .filter(
      (word, index, all) => !POLITENESS.test(word) && !(word === "you" && (all[index - 1] ?? "").startsWith("thank")),
    );
  return words.join(" ");
}
