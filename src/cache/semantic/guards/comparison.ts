import type { ContentWord, Prepared } from "../text/prepare.ts";
import { stem } from "../text/stem.ts";
import { isRelated } from "../words/related.ts";
import { unmatched } from "./alignment.ts";

/** What two prompts do not share, after whatever the grammar of the other side says anyway was forgiven. */
export interface Comparison {
  /** Content words of the first prompt that ask for something else. */
  readonly left: readonly ContentWord[];
  /** Those of the second. */
  readonly right: readonly ContentWord[];
}

/** Compares the content of two prompts word by word. */
export function compare(a: Prepared, b: Prepared): Comparison {
  const [ofA, ofB] = withoutAgents(a, b, unmatched(a.content, b.content), unmatched(b.content, a.content));
  const left = ofA.filter((word) => word.weight !== "soft" && !isSaid(word, a, b, ofB));
  const right = ofB.filter((word) => word.weight !== "soft" && !isSaid(word, b, a, ofA));
  const isReplaced = left.length > 0 && right.length > 0;
  const isEnough = hasEnough(a, b);
  const isLeft = ({ weight }: ContentWord): boolean =>
    weight === "hard" || isReplaced || (weight === "light" && !isEnough);
  return { left: left.filter(isLeft), right: right.filter(isLeft) };
}

/** What stays when light words go must still say what is asked for. */
function hasEnough(a: Prepared, b: Prepared): boolean {
  const kinds = [a.question.kind, b.question.kind];
  if (!kinds.every((kind) => kind === "what" || kind === "yes-no" || kind === "request")) return false;
  const shared = a.content.filter(
    ({ stem: word, weight }) => weight === "hard" && b.content.some((other) => isRelated(word, other.stem)),
  );
  return shared.length + a.values.length + a.quotes.length >= 2;
}

/** Nouns that a question word says: "when" and "the date", "where" and "the place". */
const SAID: Readonly<Record<string, ReadonlySet<string>>> = {
  when: stems("date day time year month moment hour"),
  where: stems("place location spot address"),
  who: stems("person people individual name"),
  why: stems("reason cause make get"),
  how: stems("way method process procedure approach instruction follow"),
};
/** Ways to get at a thing, where the place is asked for. */
const FINDING = stems("find see view access locate");
const MAY = stems("allow permit possible able ok okay");
const MUST = stems("need require necessary mandatory obligatory oblige compulsory must");
const UNITS = stems("second minute hour day week month year");
const [DURATION, LAST, AVAILABLE] = ["duration", "last", "available"].map(stem);
/** "Which city is the capital of": the noun after "the" says that it is a city. */
const NAMED = /\b(?:what|which) _ (?:is|are|was|were) the (?:_ )+(?:of|in|for|on|at)\b/;

function stems(list: string): ReadonlySet<string> {
  return new Set(list.split(" ").map(stem));
}

/** Whether the grammar of the other side says a word anyway. `rest`: what the other side has over. */
function isSaid(
  { stem: word, text }: ContentWord,
  own: Prepared,
  other: Prepared,
  rest: readonly ContentWord[],
): boolean {
  const { kind, modal } = other.question;
  const isInstead = (set: ReadonlySet<string>): boolean => rest.some(({ stem }) => set.has(stem));
  // "How do I restart the process": the word asks for no way, as "how" stands there already.
  const said = kind === "how" && own.words.includes("how") ? undefined : SAID[kind];
  if (said?.has(word) === true && !isInstead(said)) return true;
  if (kind === "where" && own.question.kind === "where" && FINDING.has(word)) return true;
  if (modal === "may" && MAY.has(word)) return true;
  if (modal === "must" && MUST.has(word)) return true;
  if (UNITS.has(word) && has(other, DURATION) && has(own, DURATION)) return !isInstead(UNITS);
  if (word === LAST && has(own, DURATION)) return true;
  if (word === AVAILABLE && kind === "yes-no") return rest.every(({ weight }) => weight === "soft");
  return own.question.asked === text && NAMED.test(own.skeleton) && kind === "what" && rest.length === 0;
}

function has({ content }: Prepared, word: string | undefined): boolean {
  return content.some((other) => other.stem === word);
}

/** "Who does Kim lead" asks for no leader. */
const ASKS_OBJECT = /\bwho(?:m)? (?:do|does|did|can|could|will|would|should|may|must)\b/;

/** "Who owns it" and "who is the owner". */
function withoutAgents(
  a: Prepared,
  b: Prepared,
  left: readonly ContentWord[],
  right: readonly ContentWord[],
): [readonly ContentWord[], readonly ContentWord[]] {
  if (a.question.kind !== "who" || b.question.kind !== "who") return [left, right];
  if ([a, b].some(({ skeleton }) => ASKS_OBJECT.test(skeleton))) return [left, right];
  const pair = left.flatMap((one) => right.filter((other) => isAgentOf(one, other)).map((other) => [one, other]))[0];
  return pair === undefined
    ? [left, right]
    : [left.filter((word) => !pair.includes(word)), right.filter((word) => !pair.includes(word))];
}

function isAgentOf(a: ContentWord, b: ContentWord): boolean {
  const [short, long] = a.text.length < b.text.length ? [a, b] : [b, a];
  const verb = /^(.{3,})(?:er|or)s?$/.exec(long.text)?.[1];
  return verb !== undefined && !short.isPassive && [verb, `${verb}e`].some((form) => isRelated(stem(form), short.stem));
}

/** The noun after "which", where the other side asks who: "which artist". */
export function isAskedFor({ text }: ContentWord, own: Prepared, other: Prepared): boolean {
  return own.question.asked === text && other.question.kind === "who";
}
