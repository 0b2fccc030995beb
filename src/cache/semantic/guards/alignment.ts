import type { ContentWord } from "../text/prepare.ts";
import { isRelated } from "../words/related.ts";

/** Content words of one side for which the other has none: neither the same, nor derived, nor a synonym. Each word matches once. */
export function unmatched(left: readonly ContentWord[], right: readonly ContentWord[]): ContentWord[] {
  const taken = new Set<number>();
  const rest = left.filter((word) => !take(right, taken, (other) => other.stem === word.stem));
  return rest.filter((word) => !take(right, taken, (other) => isRelated(word.stem, other.stem)));
}

function take(words: readonly ContentWord[], taken: Set<number>, test: (word: ContentWord) => boolean): boolean {
  const at = words.findIndex((word, index) => !taken.has(index) && test(word));
  if (at >= 0) taken.add(at);
  return at >= 0;
}

/** Words that stand against each other between two stretches that agree. */
export interface Hunk {
  readonly left: readonly ContentWord[];
  readonly right: readonly ContentWord[];
}

/** Aligns two lists of content words by their longest common subsequence, related words counting as common, and gives what differs. */
export function changedHunks(left: readonly ContentWord[], right: readonly ContentWord[]): Hunk[] {
  const width = right.length + 1;
  const lengths = new Uint16Array((left.length + 1) * width);
  const same = left.map((a) => right.map((b) => isRelated(a.stem, b.stem)));
  for (let i = left.length - 1; i >= 0; i--) {
    for (let j = right.length - 1; j >= 0; j--) {
      lengths[i * width + j] =
        same[i]?.[j] === true
          ? 1 + (lengths[(i + 1) * width + j + 1] ?? 0)
          : Math.max(lengths[(i + 1) * width + j] ?? 0, lengths[i * width + j + 1] ?? 0);
    }
  }
  const hunks: Hunk[] = [];
  let [i, j, startI, startJ] = [0, 0, 0, 0];
  const close = (): void => {
    if (i > startI || j > startJ) hunks.push({ left: left.slice(startI, i), right: right.slice(startJ, j) });
  };
  while (i < left.length && j < right.length) {
    if (same[i]?.[j] === true) {
      close();
      [i, j] = [i + 1, j + 1];
      [startI, startJ] = [i, j];
    } else if ((lengths[(i + 1) * width + j] ?? 0) >= (lengths[i * width + j + 1] ?? 0)) i++;
    else j++;
  }
  [i, j] = [left.length, right.length];
  close();
  return hunks;
}
