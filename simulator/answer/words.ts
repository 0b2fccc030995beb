import type { Random } from "millrace";

/** Words that say nothing about what a text is about. */
const STOP_WORDS = new Set(
  `about above after again also and any are because been before being below both but can could did does doing down during each
  every few for from had has have here how into its itself just more most must not nothing now object off once one only other our out
  over own please reply return same schema should some such text than that the their them then there these they this those through too
  under until upon very was were what when where which while who whom why will with would write you your json answer field say suggest something tell give ask describe name`.split(
    /\s+/,
  ),
);

const WORD = /[\p{L}][\p{L}\p{N}_.'-]*[\p{L}\p{N}]/gu;
const MOST_WORDS = 60;

/** What a prompt speaks of: names with a dot or underscore first (a lamp, a file), then other telling words, each once. */
export function tellingWords(prompt: string): readonly string[] {
  const words = new Set<string>();
  for (const [word] of prompt.matchAll(WORD)) {
    if (word.length > 2 && !STOP_WORDS.has(word.toLowerCase())) words.add(word);
    if (words.size >= MOST_WORDS * 4) break;
  }
  const isName = (word: string): boolean => /[._]/.test(word);
  const all = [...words];
  return [...all.filter(isName), ...all.filter((word) => !isName(word))].slice(0, MOST_WORDS);
}

/** Writes texts that mention what the prompt speaks of. */
export interface Writer {
  /** A few words, the first letter large. */
  title(): string;
  sentence(): string;
  /** One word in lower case. */
  word(): string;
}

const SENTENCES: readonly ((a: string, b: string, c: string) => string)[] = [
  (a, b, c) => `The pattern of ${a} follows ${b} closely, which makes ${c} a good place to begin.`,
  (a, b, c) => `Looking at ${a}, ${b} happens often enough to act on ${c}.`,
  (a, b, c) => `Because ${a} and ${b} go together, ${c} can be done without asking each time.`,
  (a, b, c) => `It would save effort to let ${a} react to ${b}, within the limits of ${c}.`,
];

const TITLES: readonly ((a: string, b: string) => string)[] = [
  (a, b) => `Let ${a} follow ${b}`,
  (a, b) => `Connect ${a} with ${b}`,
  (a, b) => `Use ${a} for ${b}`,
];

/** Creates a writer for one answer. */
export function createWriter(words: readonly string[], random: Random): Writer {
  const known = words.length === 0 ? ["this", "matter"] : words;
  let next = Math.floor(random.next() * Math.min(3, known.length));

  function take(): string {
    const word = known[next % known.length] ?? "this";
    next += 1 + Math.floor(random.next() * 2);
    return word;
  }
  function pick<T>(list: readonly T[]): T {
    return list[Math.floor(random.next() * list.length)] as T;
  }

  return {
    title: () => pick(TITLES)(take(), take()),
    sentence: () => pick(SENTENCES)(take(), take(), take()),
    word: () => take().toLowerCase(),
  };
}
