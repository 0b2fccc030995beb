import { stem } from "../text/stem.ts";
import { ANTONYMS } from "./antonyms.ts";
import { EQUIVALENTS, EXCLUSIVES } from "./classes.ts";
import { FAMILIES } from "./families.ts";
import { isPrefixOpposite } from "./prefix-opposites.ts";
import { SYNONYMS } from "./synonyms.ts";
import { VERBS } from "./verbs.ts";

/* Everything is asked by stems. A word's classes are small numbers; two words are related when they share one. */

type Classes = ReadonlyMap<string, readonly number[]>;

const equivalents = toClasses(EQUIVALENTS, SYNONYMS, FAMILIES);
const curated = toClasses(EQUIVALENTS);
const exclusives = toClasses(EXCLUSIVES, ANTONYMS);
const verbs = new Set(VERBS.trim().split("\n").map(stem));

function toClasses(...lists: readonly string[]): Classes {
  const classes = new Map<string, number[]>();
  let next = 0;
  for (const line of lists.flatMap((list) => list.trim().split("\n"))) {
    for (const word of new Set(line.split(" ").map(stem))) {
      const known = classes.get(word);
      if (known === undefined) classes.set(word, [next]);
      else known.push(next);
    }
    next++;
  }
  return classes;
}

function share(classes: Classes, a: string, b: string): boolean {
  const left = classes.get(a);
  if (left === undefined) return false;
  const right = classes.get(b);
  return right !== undefined && left.some((entry) => right.includes(entry));
}

/** Whether two stems are one word, derived from one another, or synonyms, and no opposites. */
export function isRelated(a: string, b: string): boolean {
  return a === b || (share(equivalents, a, b) && (share(curated, a, b) || !isOpposite(a, b)));
}

/** Whether two stems exclude one another. Comparatives and superlatives are tried without their ending. */
export function isOpposite(a: string, b: string): boolean {
  if (a === b) return false;
  if (share(exclusives, a, b) || isPrefixOpposite(a, b)) return !share(curated, a, b);
  if (isPrefixOpposite(withoutSuffix(a), withoutSuffix(b))) return withoutSuffix(a) !== withoutSuffix(b);
  const left = positive(a);
  const right = positive(b);
  return left !== undefined && right !== undefined && left !== right && share(exclusives, left, right);
}

function withoutSuffix(word: string): string {
  return word.length > 6 ? word.replace(/(?:ly|ness|ity|ion|ment|able|ible)$/, "") : word;
}

function positive(word: string): string | undefined {
  const ending = /(?:er|est)$/.exec(word);
  if (ending === null || word.length < 5) return undefined;
  const rest = word.slice(0, ending.index).replace(/i$/, "y");
  return rest.replace(/([bdgmnt])\1$/, "$1");
}

/** Whether a stem is mostly met as a verb. */
export function isVerb(word: string): boolean {
  return verbs.has(word);
}

/** Creates a test for opposites that also knows the words of a project: lines of words that exclude one another. */
export function oppositesWith(lines: readonly (readonly string[])[]): (a: string, b: string) => boolean {
  if (lines.length === 0) return isOpposite;
  const own = toClasses(lines.map((line) => line.map((word) => word.toLowerCase()).join(" ")).join("\n"));
  return (a, b) => isOpposite(a, b) || (a !== b && share(own, a, b));
}
