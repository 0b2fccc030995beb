/** A glob over the segments of a key, read once and asked often. */
export interface Pattern {
  matches(key: string): boolean;
  /** What every key that matches begins with: for a search by range. May be empty. */
  readonly prefix: string;
}

const ANY_NUMBER = "**";
/** Patterns come from code and from people, so they are few; past this many the oldest reading is forgotten. */
const READINGS_KEPT = 500;
const readings = new Map<string, Pattern>();

/**
 * Reads a pattern: segments are parted by `:`; `**` stands for any number of segments, none included; `*` for one segment, or for any
 * run of characters in one (`user:4*`). So `user:**` is the key `user` and all below it, and `**` is every key.
 */
export function parsePattern(pattern: string): Pattern {
  const known = readings.get(pattern);
  if (known !== undefined) return known;
  const segments = pattern.split(":");
  const reading: Pattern = { matches: (key) => matchesAll(key.split(":"), segments), prefix: prefixOf(pattern) };
  const oldest = readings.size < READINGS_KEPT ? undefined : readings.keys().next().value;
  if (oldest !== undefined) readings.delete(oldest);
  readings.set(pattern, reading);
  return reading;
}

export function matchesPattern(pattern: string, key: string): boolean {
  return parsePattern(pattern).matches(key);
}

function prefixOf(pattern: string): string {
  const star = pattern.indexOf("*");
  if (star === -1) return pattern;
  const literal = pattern.slice(0, star);
  // `user:**` is the key `user` too, so the colon before the stars is not part of what they all begin with.
  const isAnyNumber = /(?:^|:)\*\*(?::|$)/.test(pattern.slice(Math.max(0, star - 1)).slice(0, 4));
  return isAnyNumber && literal.endsWith(":") ? literal.slice(0, -1) : literal;
}

/** Compares from left to right; at a mismatch the last `**` takes one segment more. So it is never exponential. */
function matchesAll(parts: readonly string[], segments: readonly string[]): boolean {
  return matchesSequence(parts.length, segments.length, {
    isWild: (at) => segments[at] === ANY_NUMBER,
    isSame: (part, at) => matchesOne(parts[part] ?? "", segments[at] ?? ""),
  });
}

function matchesOne(part: string, segment: string): boolean {
  if (segment === "*" || segment === part) return true;
  if (!segment.includes("*")) return false;
  return matchesSequence(part.length, segment.length, {
    isWild: (at) => segment[at] === "*",
    isSame: (index, at) => part[index] === segment[at],
  });
}

interface Comparison {
  isWild(at: number): boolean;
  isSame(item: number, at: number): boolean;
}

function matchesSequence(items: number, length: number, comparison: Comparison): boolean {
  let item = 0;
  let at = 0;
  let wildAt = -1;
  let wildItem = 0;
  while (item < items) {
    if (at < length && comparison.isWild(at)) {
      wildAt = at++;
      wildItem = item;
    } else if (at < length && comparison.isSame(item, at)) {
      item++;
      at++;
    } else if (wildAt >= 0) {
      at = wildAt + 1;
      item = ++wildItem;
    } else return false;
  }
  while (at < length && comparison.isWild(at)) at++;
  return at === length;
}
