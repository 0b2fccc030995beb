/** A stretch of a text, and whether the other text has it too. */
export interface Stretch {
  readonly text: string;
  readonly isShared: boolean;
}

/** Words above this number are compared by position only, so that a document does not stop the page. */
const MOST_COMPARED = 400;

/** Marks what two texts share, word by word (longest common subsequence), without regard to case and the signs around words. */
export function compareWords(a: string, b: string): { readonly a: Stretch[]; readonly b: Stretch[] } {
  const [wordsA, wordsB] = [split(a), split(b)];
  const shared = sharedWords(wordsA.map(fold), wordsB.map(fold));
  return {
    a: toStretches(wordsA, new Set(shared.map(([index]) => index))),
    b: toStretches(wordsB, new Set(shared.map(([, index]) => index))),
  };
}

/** Words with the white space that follows them, so that they join to the whole text. */
function split(text: string): string[] {
  return text.match(/\S+\s*|^\s+/g) ?? [];
}

/** Neither case nor the signs around a word make it another one. */
function fold(word: string): string {
  const bare = word.trim().toLowerCase();
  return bare.replaceAll(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, "") || bare;
}

/** Pairs of positions of the words that both have, in order. */
function sharedWords(a: readonly string[], b: readonly string[]): [number, number][] {
  if (Math.max(a.length, b.length) > MOST_COMPARED) {
    return a.flatMap((word, index): [number, number][] => (word === b[index] ? [[index, index]] : []));
  }
  // lengths[i][j]: how many words the texts share from word i and word j on.
  const lengths = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  const at = (i: number, j: number): number => lengths[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      const row = lengths[i];
      if (row !== undefined) row[j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const pairs: [number, number][] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    if (a[i] === b[j]) pairs.push([i++, j++]);
    else if (at(i + 1, j) >= at(i, j + 1)) i += 1;
    else j += 1;
  }
  return pairs;
}

function toStretches(words: readonly string[], shared: ReadonlySet<number>): Stretch[] {
  return words.reduce<Stretch[]>((stretches, word, index) => {
    const last = stretches.at(-1);
    const isShared = shared.has(index);
    if (last?.isShared !== isShared) return [...stretches, { text: word, isShared }];
    return [...stretches.slice(0, -1), { text: last.text + word, isShared }];
  }, []);
}
