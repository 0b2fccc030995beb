import type { ContentWord, Prepared } from "../text/prepare.ts";
import { stem } from "../text/stem.ts";
import { isVerb } from "../words/related.ts";
import type { Guard } from "./guard.ts";
import { residual } from "./multiset.ts";

/** Content words beyond which nothing may change its place. */
const LONG = 64;

/** Guard 6: the same words in other roles. Names and figures keep their order, and what stands around a direction word or the same grammar does. */
export const order: Guard = {
  name: "order",
  veto(a, b) {
    if (a.isSymmetric && b.isSymmetric) return undefined;
    if (a.content.length > LONG)
      return stems(a).join(" ") === stems(b).join(" ") ? undefined : "a long text in another order";
    return (
      routeTurned(a, b) ??
      passiveTurned(a, b) ??
      (isPassivePair(a, b)
        ? undefined
        : (namesTurned(a, b) ?? wordsTurned(a, b) ?? rolesTurned(a, b) ?? attributesTurned(a, b)))
    );
  },
};

/** "From done to doing" and "from doing to done": whatever the words are. */
function routeTurned({ words: a }: Prepared, { words: b }: Prepared): string | undefined {
  const [from, to] = [wordAfter("from", a), wordAfter("to", a)];
  if (from === undefined || to === undefined || from === to) return undefined;
  return from === wordAfter("to", b) && to === wordAfter("from", b) ? `from ${from} to ${to}, or back` : undefined;
}

function wordAfter(preposition: string, words: readonly string[]): string | undefined {
  const at = words.lastIndexOf(preposition);
  return at < 0 ? undefined : words.slice(at + 1).find((word) => !ARTICLE.test(word));
}

const ARTICLE = /^(?:the|an?|my|your|our|his|her|their)$/;

function namesTurned(a: Prepared, b: Prepared): string | undefined {
  const left = a.order.filter((name) => b.order.includes(name));
  const right = b.order.filter((name) => a.order.includes(name));
  if (left.join("\n") === right.join("\n") || (a.hasList && b.hasList && !a.hasDirection)) return undefined;
  if (left.length === 2 && (isGenitive(left, a, b) || isGenitive(right, b, a))) return undefined;
  return left.length < 2 ? undefined : `${left.join(", ")} against ${right.join(", ")}`;
}

/** "The CEO of Acme" and "Acme's CEO". */
function isGenitive([head = "", owner = ""]: readonly string[], long: Prepared, short: Prepared): boolean {
  return (
    ` ${long.sequence.join(" ")} `.includes(` ${head} of ${owner} `) &&
    ` ${short.sequence.join(" ")} `.includes(` ${owner} ${head} `)
  );
}

function wordsTurned(a: Prepared, b: Prepared): string | undefined {
  const left = stems(a);
  const right = stems(b);
  const isSameBag = left.length === right.length && residual(left, right).length === 0;
  if (!isSameBag) return undefined;
  if (isDirectionTurned(a, b)) return `${around(a)} against ${around(b)}`;
  if (asksOwner(a) !== asksOwner(b)) return "who against whose";
  if (a.question.kind === "who" && isStranded(a) !== isStranded(b)) return "of whom against who";
  if (left.join("\n") === right.join("\n")) return undefined;
  if (isSubjectQuestion(a) !== isSubjectQuestion(b)) return "who does it against to whom it is done";
  const isSameGrammar = a.skeleton === b.skeleton && !(a.hasList && !a.hasDirection);
  if (!isSameGrammar && !(a.hasDirection && b.hasDirection && around(a) !== around(b))) return undefined;
  return `${left.join(" ")} against ${right.join(" ")}`;
}

/** "The manager reports the clerk" and "the clerk reports the manager": two words that changed sides of a verb. */
function rolesTurned(a: Prepared, b: Prepared): string | undefined {
  for (const [left, verb] of a.content.entries()) {
    const right = b.content.findIndex((word) => word.stem === verb.stem);
    const other = b.content[right];
    if (other === undefined || verb.isEntity) continue;
    if (verb.isPassive !== other.isPassive) {
      const [done, doing] = verb.isPassive ? [a, b] : [b, a];
      const subject = subjectOf(doing, verb.stem);
      if (subject !== undefined && subject === subjectOf(done, verb.stem) && !EITHER_VOICE.has(verb.stem))
        return `${subject} does it, or has it done`;
      continue;
    }
    if (!isVerb(verb.stem) && !(verb.isBeforeDeterminer && other.isBeforeDeterminer)) continue;
    const before = a.content.slice(0, left).filter(({ stem }) => isAlone(a, stem));
    const after = a.content.slice(left + 1).filter(({ stem }) => isAlone(a, stem));
    const subject = shared(before, b.content.slice(right + 1));
    const object = shared(after, b.content.slice(0, right));
    if (subject !== undefined && object !== undefined)
      return `${subject} ${verb.text} ${object}, or the other way round`;
    const [doer, doerThere] = [a.content[left - 1], b.content[right - 1]];
    if (doer === undefined || doerThere === undefined || verb.isPassive || doer.stem === doerThere.stem) continue;
    const isTraded = [doer, doerThere].every(
      ({ stem, weight }) =>
        weight === "hard" &&
        !isVerb(stem) &&
        a.content.some((word) => word.stem === stem) &&
        b.content.some((word) => word.stem === stem),
    );
    if (isTraded && isVerb(verb.stem) && a.content.length === b.content.length)
      return `${doer.text} or ${doerThere.text} does it`;
  }
  return undefined;
}

/** "The red box with a lid" and "the box with a red lid": a word that went from one neighbour to another. */
function attributesTurned(a: Prepared, b: Prepared): string | undefined {
  for (const [index, word] of a.content.entries()) {
    const there = b.content.findIndex(({ stem }) => stem === word.stem);
    if (there < 0 || word.weight !== "hard" || isVerb(word.stem) || !isAlone(a, word.stem)) continue;
    const [one, other] = [headsOf(a, index), headsOf(b, there)];
    if (one.length === 0 || other.length === 0 || one.some((head) => other.includes(head))) continue;
    const isTraded =
      a.content.some(({ stem }) => other.includes(stem)) && b.content.some(({ stem }) => one.includes(stem));
    if (isTraded) return `${word.text} ${one.join(" ")} against ${word.text} ${other.join(" ")}`;
  }
  return undefined;
}

function isAlone({ content }: Prepared, stem: string): boolean {
  return content.filter((word) => word.stem === stem).length === 1;
}

/** The words right after one, nothing between. */
function headsOf({ content }: Prepared, index: number): string[] {
  const heads: string[] = [];
  for (let at = index + 1; at < content.length; at++) {
    const head = content[at];
    if (head === undefined || head.at !== (content[at - 1]?.at ?? 0) + 1) break;
    if (head.weight === "hard") heads.push(head.stem);
  }
  return heads;
}

/** Verbs of which things happen to what does them: "the shop opens" and "the shop is opened". */
const EITHER_VOICE = new Set(
  "open close start begin end stop form change break grow boil melt freeze cook dry move turn increase decrease reduce improve develop finish load update run store compare burn print sell renew expire"
    .split(" ")
    .map(stem),
);

function subjectOf({ content }: Prepared, verb: string): string | undefined {
  const at = content.findIndex((word) => word.stem === verb);
  const subject = content[at - 1];
  return isVerb(verb) && subject?.weight === "hard" && subject.at >= (content[at]?.at ?? 0) - 1
    ? subject.stem
    : undefined;
}

function shared(left: readonly ContentWord[], right: readonly ContentWord[]): string | undefined {
  return left.find(({ stem, weight }) => weight === "hard" && right.some((other) => other.stem === stem))?.text;
}

function stems({ content }: Prepared): string[] {
  return content.filter(({ weight }) => weight !== "soft").map(({ stem }) => stem);
}

/** The same direction words, before other words: "from A to B" and "to A from B". */
function isDirectionTurned(a: Prepared, b: Prepared): boolean {
  const [left, right] = [a, b].map(({ sequence }) =>
    sequence
      .filter((word) => DIRECTED.has(word))
      .toSorted()
      .join(),
  );
  return left === right && around(a) !== around(b);
}

/** "Who helps Kim", and not "who does Kim help". */
function isSubjectQuestion({ skeleton }: Prepared): boolean {
  return /^(?:who|what|which) _/.test(skeleton) && !/ (?:do|does|did|is|are|was|were|can|will|should) /.test(skeleton);
}

function asksOwner({ words }: Prepared): boolean {
  return words.includes("whose");
}

/** "Who is she the aunt of": the end of the sentence belongs to the question word. */
function isStranded({ words }: Prepared): boolean {
  return /^(?:of|to|for|by|from|with)$/.test(words.at(-1) ?? "");
}

/** The content words beside each direction word. */
function around({ sequence, content }: Prepared): string {
  const isContent = new Set(content.map(({ stem }) => stem));
  const words = sequence.filter((word) => isContent.has(word) || word === "#" || DIRECTED.has(word));
  return words
    .flatMap((word, at) => (DIRECTED.has(word) ? [`${word} ${words[at + 1] ?? ""}`] : []))
    .toSorted()
    .join();
}

const DIRECTED = new Set("into onto from than before after over under versus against behind above below to".split(" "));

function isPassivePair(a: Prepared, b: Prepared): boolean {
  return (a.passive === undefined) !== (b.passive === undefined);
}

/** "Was A bought by B" asks for "did B buy A", not for "did A buy B". */
function passiveTurned(a: Prepared, b: Prepared): string | undefined {
  const passive = a.passive ?? b.passive;
  if (passive === undefined || !isPassivePair(a, b)) return undefined;
  const active = stems(a.passive === undefined ? a : b);
  const agentAt = active.indexOf(passive.agent);
  const verbAt = active.indexOf(passive.verb);
  return verbAt >= 0 && agentAt > verbAt ? `${passive.agent} does it, or has it done` : undefined;
}
