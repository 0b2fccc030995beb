import { matchesPattern } from "../pattern.ts";
import { createLatest } from "./latest.ts";

/** Where the patterns that match a key were last invalidated. */
export interface LatestPatterns {
  set(pattern: string, position: number): void;
  /** The newest position of a pattern that matches; 0 for none. */
  position(key: string): number;
  clear(): void;
}

/** Keeps the `maxPatterns` that were set last; a key may be matched by any that was forgotten. */
export function createLatestPatterns(maxPatterns: number): LatestPatterns {
  // By what stands before the first segment with a star: so a key is held only against patterns that begin as it does.
  const byStem = new Map<string, Set<string>>();
  const latest = createLatest(maxPatterns, (pattern) => {
    const stem = stemOf(pattern);
    const patterns = byStem.get(stem);
    patterns?.delete(pattern);
    if (patterns?.size === 0) byStem.delete(stem);
  });

  return {
    set(pattern, position) {
      latest.set(pattern, position);
      const stem = stemOf(pattern);
      const patterns = byStem.get(stem);
      if (patterns === undefined) byStem.set(stem, new Set([pattern]));
      else patterns.add(pattern);
    },
    position(key) {
      let newest = latest.forgotten();
      if (byStem.size === 0) return newest;
      for (const stem of stemsOf(key)) {
        for (const pattern of byStem.get(stem) ?? []) {
          const position = latest.position(pattern);
          if (position > newest && matchesPattern(pattern, key)) newest = position;
        }
      }
      return newest;
    },
    clear() {
      latest.clear();
      byStem.clear();
    },
  };
}

/** The segments before the first star, each with its colon; the whole of a pattern without one. */
function stemOf(pattern: string): string {
  const star = pattern.indexOf("*");
  return star === -1 ? `${pattern}:` : pattern.slice(0, pattern.lastIndexOf(":", star) + 1);
}

/** Every stem that a pattern matching the key may have. `user:**` is the key `user` too, so the whole key counts. */
function* stemsOf(key: string): Generator<string> {
  yield "";
  for (let colon = key.indexOf(":"); colon !== -1; colon = key.indexOf(":", colon + 1)) yield key.slice(0, colon + 1);
  yield `${key}:`;
}
