import type { ContentWord } from "../text/prepare.ts";
import { isRelated } from "../words/related.ts";

/** Content words of one side for which the other has none: neither the same, nor derived, nor a synonym. Each word matches once. */
export function unmatched(left: readonly ContentWord[], right: readonly ContentWord[]): ContentWord[] {
  const free = new Map<string, number>();
  for (const { stem } of right) free.set(stem, (free.get(stem) ?? 0) + 1);
  const take = (stem: string | undefined): boolean => {
    const count = stem === undefined ? 0 : (free.get(stem) ?? 0);
    if (stem !== undefined && count > 0) free.set(stem, count - 1);
    return count > 0;
  };
  const rest = left.filter(({ stem }) => !take(stem));
  return rest.filter(
    ({ stem }) => !take(right.find((other) => (free.get(other.stem) ?? 0) > 0 && isRelated(stem, other.stem))?.stem),
  );
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
