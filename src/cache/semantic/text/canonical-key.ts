import { toTokens, foldUnicode } from "./tokens.ts";

const POLITENESS = /^(?:please|kindly|hi|hello|hey|dear|thanks|thank)$/;
const CLOSING = /^(?:please|kindly|thanks|thank)$/;
/** With fewer words left, nothing is known to be politeness. */
const FEWEST = 3;

/**
 * A prompt with case, space, Unicode form, punctuation and politeness folded away, and nothing else: identifiers, numbers, operators and
 * what stands in quotes are kept as they are, so that two prompts of one key ask for the same to the letter.
 *
 * @example canonicalKey("Please  explain what “WAL” is!") === canonicalKey('explain what "WAL" is')
 */
export function canonicalKey(prompt: string): string {
  const parts = foldUnicode(prompt).split(/("[^"]*"|`[^`]*`)/);
  const words = parts.flatMap((part, index) => (index % 2 === 1 ? [part] : plain(part)));
  return withoutPoliteness(words).join(" ");
}

function plain(text: string): string[] {
  return toTokens(text)
    .map(({ kind, text: lower, raw }) => (kind === "word" || kind === "foreign" ? lower : raw.trim()))
    .filter((word) => word !== "");
}

/** Only at both ends: in the middle "thanks" and "hello" may be what is asked about. */
function withoutPoliteness(words: readonly string[]): readonly string[] {
  let [start, end] = [0, words.length];
  while (start < end && (POLITENESS.test(words[start] ?? "") || isThankYou(words, start + 1))) start++;
  while (end > start && (CLOSING.test(words[end - 1] ?? "") || isThankYou(words, end))) end--;
  return end - start < FEWEST ? words : words.slice(start, end);
}

function isThankYou(words: readonly string[], end: number): boolean {
  return words[end - 1] === "you" && words[end - 2] === "thank";
}
