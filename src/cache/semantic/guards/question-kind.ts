import type { Prepared } from "../text/prepare.ts";
import type { Question } from "../text/question.ts";
import { isRelated } from "../words/related.ts";
import type { Guard } from "./guard.ts";

/** Who against when, whether against how, what was against what is. */
export const questionKind: Guard = {
  name: "question",
  veto(a, b) {
    const isSame = isSameTime(a, b) && isSameModal(a.question, b.question) && isSameKind(a, b);
    return isSame ? undefined : `${describe(a)} against ${describe(b)}`;
  },
};

function describe({ question: { kind, tense, modal }, verbTense }: Prepared): string {
  return [kind, tense ?? verbTense, modal].filter((part) => part !== undefined).join(" ");
}

function isSameTime(one: Prepared, other: Prepared): boolean {
  const [{ question: a, verbTense: verbA }, { question: b, verbTense: verbB }] = [one, other];
  if ((a.tense === "past" && asksWhatMayBe(other)) || (b.tense === "past" && asksWhatMayBe(one))) return false;
  if (a.tense !== undefined && b.tense !== undefined) return (a.tense === "past") === (b.tense === "past");
  if (verbA !== undefined && verbB !== undefined) return verbA === verbB;
  return !((verbA === "past" && b.tense === "future") || (verbB === "past" && a.tense === "future"));
}

/** "May I take" against "did I take". */
function asksWhatMayBe({ question: { tense }, skeleton }: Prepared): boolean {
  return tense === undefined && /\b(?:may|can|shall|should|must) (?:i|we|you|one|he|she|they|the|_)\b/.test(skeleton);
}

function isSameModal(a: Question, b: Question): boolean {
  if (a.kind === "yes-no" && b.kind === "yes-no" && (a.modal === "should") !== (b.modal === "should")) return false;
  return a.modal === undefined || b.modal === undefined || a.modal === b.modal;
}

/** What a noun after "what" must be for the question to be that of another question word. */
const NOUNS: Readonly<Record<string, RegExp>> = {
  who: /^(?:name|person|people|individual)s?$/,
  when: /^(?:date|day|time|year|month|moment|hour|period|deadline|season|term|expiry|expiration|birthday|schedule|duration)s?$/,
  where: /^(?:place|location|spot|address|position|home|headquarters|site)s?$/,
  why: /^(?:reasons?|causes?|caused)$/,
};

function isSameKind(a: Prepared, b: Prepared): boolean {
  const [left, right] = [a.question.kind, b.question.kind];
  if (left === right) return left !== "what" || (!asksWhichThereAre(a, b) && !asksWhichThereAre(b, a));
  const kinds = new Set([left, right]);
  if (kinds.has("how") && kinds.has("where"))
    return [a, b].every((one) => one.content.some(({ stem }) => stem === "find"));
  if (kinds.has("how") && kinds.has("why")) return false;
  if (kinds.has("request") && kinds.has("yes-no")) return !asksToShow(left === "request" ? a : b);
  if (kinds.has("request") && kinds.has("what")) return true;
  const [open, word] = left === "what" || left === "request" ? [a, b] : [b, a];
  const kind = word.question.kind;
  if (open.question.kind !== "what" && open.question.kind !== "request") return false;
  if (kind === "how") return isNominal(open, word);
  if (kind === "who" && open.question.asked !== undefined && /^(?:what|which) _ _/.test(open.skeleton)) return true;
  return open.content.some(({ text }) => NOUNS[kind]?.test(text) === true);
}

/** "Show the invoices that are paid" does not ask whether. */
function asksToShow({ content }: Prepared): boolean {
  return content[0]?.weight === "soft";
}

/** "Which courses are there" asks for all of them, "what is the course" for one. */
function asksWhichThereAre(a: Prepared, b: Prepared): boolean {
  return a.skeleton.endsWith(" are there") && / is (?:the|a) /.test(b.skeleton);
}

/** "How do they differ" and "what is the difference": a noun made of the verb. */
function isNominal({ content, words, question }: Prepared, { content: verbs }: Prepared): boolean {
  if (question.kind === "what" && !/\bwhat(?:'s| is| are| was| were) the\b/.test(words.join(" "))) return false;
  return content.some(
    ({ stem: noun }) =>
      verbs.every((verb) => verb.stem !== noun) &&
      verbs.some((verb) => verb.stem !== noun && isRelated(noun, verb.stem)),
  );
}
