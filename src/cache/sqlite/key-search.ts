import type { CacheSqlValue } from "../contract.ts";
import { parsePattern } from "../pattern.ts";

/** Greater than every text, as blobs come after texts. */
const ABOVE_ALL = new Uint8Array(0);

/** How the keys of a pattern are found: by ranges alone, or by a range and a look at each. */
export interface KeySearch {
  /** Parameters of `(key = :exact or (key >= :lower and key < :upper))`. */
  readonly params: Readonly<Record<"exact" | "lower" | "upper", CacheSqlValue>>;
  /** Whether all that is found matches. */
  readonly isComplete: boolean;
}

export function toKeySearch(pattern: string): KeySearch {
  if (!pattern.includes("*")) return complete(pattern, ABOVE_ALL, ABOVE_ALL);
  if (pattern === "**") return complete("", "", ABOVE_ALL);
  const stem = pattern.endsWith(":**") ? pattern.slice(0, -3) : "*";
  if (!stem.includes("*")) return complete(stem, `${stem}:`, `${stem};`);
  const { prefix } = parsePattern(pattern);
  return { params: { exact: prefix, lower: prefix, upper: successor(prefix) }, isComplete: false };
}

function complete(exact: CacheSqlValue, lower: CacheSqlValue, upper: CacheSqlValue): KeySearch {
  return { params: { exact, lower, upper }, isComplete: true };
}

/** The least text above all that begin so. */
function successor(prefix: string): CacheSqlValue {
  const points = Array.from(prefix);
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    const point = last.codePointAt(0) ?? 0;
    if (point < 0x10ffff) return points.join("") + String.fromCodePoint(point === 0xd7ff ? 0xe000 : point + 1);
  }
  return ABOVE_ALL;
}
