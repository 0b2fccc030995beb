const SMALL =
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(
    " ",
  );
const TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split(" ");
const ORDINALS = "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split(" ");

const CARDINAL_VALUES: ReadonlyMap<string, number> = new Map([
  ...SMALL.map((word, index) => [word, index] as const),
  ...TENS.map((word, index) => [word, (index + 2) * 10] as const),
]);
const SCALES: ReadonlyMap<string, number> = new Map([
  ["hundred", 100],
  ["thousand", 1000],
  ["million", 1e6],
  ["billion", 1e9],
  ["trillion", 1e12],
  ["dozen", 12],
]);
const ORDINAL_VALUES: ReadonlyMap<string, number> = new Map(ORDINALS.map((word, index) => [word, index]));

export interface NumberWords {
  readonly value: number;
  readonly length: number;
}

/** Reads the cardinal that begins at an index: "twenty five", "two hundred and fifty", "a dozen". */
export function readCardinal(words: readonly string[], start: number): NumberWords | undefined {
  let total = 0;
  let current: number | undefined;
  let at = start;
  let length = 0;
  for (; at < words.length; at++) {
    const word = words[at] ?? "";
    const small = CARDINAL_VALUES.get(word);
    const scale = SCALES.get(word);
    if (small !== undefined) {
      if (current !== undefined && current !== 0 && !hasPlaceFor(small, current)) break;
      current = (current ?? 0) + small;
    } else if (scale !== undefined) {
      if (scale === 100 || scale === 12) current = (current ?? 1) * scale;
      else {
        total += (current ?? 1) * scale;
        current = 0;
      }
    } else if (word !== "and" || current === undefined || !isCardinal(words[at + 1]) || current % 100 !== 0) break;
    length = at + 1 - start;
  }
  return current === undefined ? undefined : { value: total + current, length };
}

/** After hundreds any small number, after tens a digit. */
function hasPlaceFor(small: number, current: number): boolean {
  return current % 100 === 0 || (small < 10 && current % 10 === 0 && current % 100 !== 10);
}

function isCardinal(word: string | undefined): boolean {
  return word !== undefined && CARDINAL_VALUES.has(word);
}

export function ordinalValue(word: string): number | undefined {
  return ORDINAL_VALUES.get(word);
}

export function scaleOf(word: string): number | undefined {
  return SCALES.get(word) ?? ({ k: 1000, m: 1e6, bn: 1e9, mio: 1e6 } as Record<string, number>)[word];
}
