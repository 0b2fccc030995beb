import type { Prepared } from "../text/prepare.ts";
import {
  FOREIGN_CAN,
  FOREIGN_ENDINGS,
  FOREIGN_HOW,
  FOREIGN_PHRASES,
  FOREIGN_POLITENESS,
} from "../words/foreign-forms.ts";

const SHORTEST_ROOT = 3;

/**
 * Whether two prompts in a language whose grammar is not known ask for the same: the same words in the same order, after politeness, and
 * "how do I change it" as "how can I change it", where the verb changes its ending and in German and Dutch its place.
 */
export function areSameForeignTerms(a: Prepared, b: Prepared): boolean {
  const [left, right] = [plain(a), plain(b)];
  if (left.join(" ") === right.join(" ")) return true;
  const [shortA, shortB] = [withoutCan(left), withoutCan(right)];
  if (shortA === undefined || shortB === undefined || shortA.length !== shortB.length) return false;
  if (shortA.join(" ") === shortB.join(" ")) return true;
  return isOneVerbApart(shortA, shortB) || isVerbLast(shortA, shortB) || isVerbLast(shortB, shortA);
}

function plain({ words }: Prepared): string[] {
  let text = ` ${words.join(" ")} `;
  for (const polite of FOREIGN_POLITENESS) text = text.replaceAll(inText(polite), " ");
  for (const [from, to] of FOREIGN_PHRASES) text = text.replaceAll(inText(from), to.length > 0 ? fill(from, to) : " ");
  return text.trim().split(/\s+/);
}

/** Chinese writes without spaces. */
function inText(phrase: string): string {
  return isSpaced(phrase) ? ` ${phrase} ` : phrase;
}

function fill(from: string, to: string): string {
  return isSpaced(from) ? ` ${to} ` : to;
}

function isSpaced(phrase: string): boolean {
  return !/\p{Script=Han}/u.test(phrase);
}

function withoutCan(words: readonly string[]): readonly string[] | undefined {
  if (!FOREIGN_HOW.has(words[0] ?? "")) return undefined;
  return [words[0] ?? "", ...words.slice(1, 3).filter((word) => !FOREIGN_CAN.has(word)), ...words.slice(3)];
}

function isOneVerbApart(a: readonly string[], b: readonly string[]): boolean {
  const apart = a.flatMap((word, at) => (word === b[at] ? [] : [at]));
  return apart.length === 1 && apart[0] === 1 && isSameVerb(a[1] ?? "", b[1] ?? "");
}

/** "Wie ändere ich X" and "wie kann ich X ändern". */
function isVerbLast(a: readonly string[], b: readonly string[]): boolean {
  return isSameVerb(a[1] ?? "", b.at(-1) ?? "") && [a[0], ...a.slice(2)].join(" ") === b.slice(0, -1).join(" ");
}

function isSameVerb(a: string, b: string): boolean {
  let common = 0;
  while (common < Math.min(a.length, b.length) && a[common] === b[common]) common++;
  return common >= SHORTEST_ROOT && FOREIGN_ENDINGS.test(a.slice(common)) && FOREIGN_ENDINGS.test(b.slice(common));
}
