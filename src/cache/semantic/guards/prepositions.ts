import type { Prepared } from "../text/prepare.ts";
import { stem } from "../text/stem.ts";
import type { Guard } from "./guard.ts";

/** Prepositions whose exchange before one and the same word asks for something else. Those of no line go with everything. */
const SENSES: ReadonlyMap<string, string> = new Map(
  [
    "to into onto toward towards",
    "from",
    "by",
    "about regarding concerning",
    "during while",
    "before until till",
    "after since",
    "against",
    "between among",
    "above over",
    "below under beneath",
    "inside within",
    "outside beyond",
    "behind",
    "near",
    "for",
    "per",
  ].flatMap((line) =>
    line.split(" ").flatMap((word) => [word, stem(word)].map((form) => [form, line.split(" ")[0] ?? ""] as const)),
  ),
);
/** Pairs that may stand for one another after all. */
const CLOSE = new Set(
  ["by before", "for to", "during inside", "about for", "about from", "about to", "for from"].map(sorted),
);

/** No word that both sides have stands after another preposition: "sent to Kim" and "sent by Kim". */
export const prepositions: Guard = {
  name: "prepositions",
  veto(a, b) {
    const [left, right] = [governed(a), governed(b)];
    for (const [word, one] of left) {
      const other = right.get(word);
      if (other !== undefined && one !== other && !CLOSE.has(sorted(`${one} ${other}`)))
        return `${one} ${word} against ${other} ${word}`;
    }
    return countedApart(left, b) ?? countedApart(right, a);
  },
};

/** "The limit per user" and "the user limit"; "per day" and "daily" are the same. */
function countedApart(governed: ReadonlyMap<string, string>, { content, sequence }: Prepared): string | undefined {
  if (sequence.includes("per")) return undefined;
  const word = [...governed].find(
    ([noun, sense]) => sense === "per" && !TIMES.has(noun) && content.some(({ stem }) => stem === noun),
  )?.[0];
  return word === undefined ? undefined : `per ${word} against ${word}`;
}

const TIMES = new Set("second minute hour day week month quarter year".split(" ").map(stem));

function sorted(pair: string): string {
  return pair.split(" ").toSorted().join(" ");
}

/** Each content word or person that stands once, with the preposition it follows. */
function governed({ sequence, content }: Prepared): Map<string, string> {
  const isContent = new Set(content.map(({ stem }) => stem));
  const found = new Map<string, string>();
  let last: string | undefined;
  for (const word of sequence) {
    if (word !== "#" && (SENSES.has(word) || !(isContent.has(word) || PERSONS.has(word)))) {
      if (!SKIPPED.has(word)) last = SENSES.get(word);
      continue;
    }
    if (last !== undefined && !found.has(word)) found.set(word, last);
    last = undefined;
  }
  return found;
}

/** No content by themselves: "assigned to me" and "assigned by me". */
const PERSONS = new Set("me us you him them".split(" "));

const SKIPPED = new Set("the a an my your his her its our their this that these those all any every each".split(" "));
