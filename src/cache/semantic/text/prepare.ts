import { ALIASES, PHRASES } from "../words/classes.ts";
import {
  DIRECTION_WORDS,
  FUNCTION_WORDS,
  NEGATORS,
  POSSESSORS,
  SOFT_WORDS,
  SYMMETRIC_WORDS,
} from "../words/function-words.ts";
import { questionOf, type Question } from "./question.ts";
import { isEnglish } from "./language.ts";
import { stem } from "./stem.ts";
import { foldUnicode, toTokens, type Token } from "./tokens.ts";
import { readValues } from "./values.ts";

/** A word of a prompt that carries content. */
export interface ContentWord {
  readonly stem: string;
  readonly text: string;
  /** Index among the tokens. */
  readonly at: number;
  /** A paraphrase may drop it. */
  readonly isSoft: boolean;
  readonly isEntity: boolean;
}

/** A prompt as the guards read it: made once and kept with the entry. */
export interface Prepared {
  readonly isEnglish: boolean;
  readonly question: Question;
  /** Numbers, amounts, times, dates, identifiers, operators, sorted. */
  readonly values: readonly string[];
  /** What stands in quotes, in lower case, sorted. */
  readonly quotes: readonly string[];
  /** For each negator the stem of the content word after it. */
  readonly negated: readonly string[];
  readonly content: readonly ContentWord[];
  /** Every token that is no value, in order: stems of content, text of the rest. */
  readonly sequence: readonly string[];
  /** The tokens between content words: how the sentence is built. */
  readonly skeleton: string;
  readonly hasDirection: boolean;
  readonly isSymmetric: boolean;
  /** Whose it is: first, he, she, they. */
  readonly owners: ReadonlySet<string>;
  /** Stem of the agent after "by" in the passive, and of the verb before. */
  readonly passive: { readonly verb: string; readonly agent: string } | undefined;
  /** Stems of X in X-free and X-less. */
  readonly lacking: readonly string[];
  /** Names and values in the order in which they stand. */
  readonly order: readonly string[];
  /** Names in the order of writing that are joined by and, or. */
  readonly hasList: boolean;
}

const phrases = parsePairs(PHRASES);
const aliases = parsePairs(ALIASES).flatMap(([names, full]) => names.map((name) => [[name], full] as const));

function parsePairs(text: string): readonly (readonly [readonly string[], string])[] {
  return text
    .trim()
    .split("\n")
    .map((line) => {
      const [from = "", to = ""] = line.split("=");
      return [from.split(" "), to] as const;
    });
}

const byFirst = new Map<string, (readonly [readonly string[], string])[]>();
for (const phrase of [...phrases, ...aliases]) {
  const first = phrase[0][0] ?? "";
  byFirst.set(first, [...(byFirst.get(first) ?? []), phrase]);
}

/** Reads a prompt for the guards. */
export function prepare(prompt: string): Prepared {
  const folded = foldUnicode(prompt);
  const tokens = joinPhrases(toTokens(folded));
  const { values, used } = readValues(tokens);
  const content = toContent(tokens, used);
  const contentAt = new Map(content.map((word) => [word.at, word]));
  return {
    isEnglish: isEnglish(tokens),
    question: questionOf(tokens.map(({ text }) => text)),
    values,
    quotes: quotesOf(folded),
    negated: negatedOf(tokens, contentAt),
    content,
    sequence: tokens.flatMap(({ text }, at) => (used.has(at) ? [] : [contentAt.get(at)?.stem ?? text])),
    skeleton: tokens.map(({ text }, at) => (contentAt.has(at) || used.has(at) ? "_" : text)).join(" "),
    hasDirection: tokens.some(({ text }) => DIRECTION_WORDS.has(text)),
    isSymmetric: tokens.some(({ text }) => SYMMETRIC_WORDS.has(text)),
    owners: new Set(tokens.flatMap(({ text }) => POSSESSORS.get(text) ?? [])),
    passive: passiveOf(tokens, contentAt),
    lacking: lackingOf(folded),
    order: orderOf(tokens, used, contentAt),
    hasList: tokens.some(({ text }) => text === "and" || text === "or"),
  };
}

function joinPhrases(tokens: readonly Token[]): Token[] {
  const joined: Token[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at];
    if (token === undefined) continue;
    const phrase = byFirst
      .get(token.text)
      ?.find(
        ([words]) =>
          (words.length > 1 || isAlias(token)) && words.every((word, index) => tokens[at + index]?.text === word),
      );
    if (phrase === undefined) joined.push(token);
    else {
      for (const text of phrase[1].split(" ")) joined.push({ ...token, text });
      at += phrase[0].length - 1;
    }
  }
  return joined;
}

/** "us" is a pronoun, "US" a country. */
function isAlias({ raw, text }: Token): boolean {
  return text !== "us" || raw === "US";
}

function toContent(tokens: readonly Token[], used: ReadonlySet<number>): ContentWord[] {
  const isTitle = isTitleCase(tokens);
  return tokens.flatMap((token, at): ContentWord[] => {
    if (used.has(at) || token.kind === "symbol" || token.kind === "number") return [];
    const text = withoutTail(token.text);
    const isEntity = token.kind === "foreign" || isName(token, isTitle);
    if (!isEntity && (FUNCTION_WORDS.has(token.text) || FUNCTION_WORDS.has(text) || NEGATORS.has(text))) return [];
    return [
      {
        stem: stem(text),
        text,
        at,
        isSoft: !isEntity && (SOFT_WORDS.has(text) || SOFT_WORDS.has(stem(text))),
        isEntity,
      },
    ];
  });
}

function withoutTail(text: string): string {
  return text.replace(/'(?:s|re|ve|ll|d|m)$/, "").replace(/s'$/, "s");
}

function isTitleCase(tokens: readonly Token[]): boolean {
  const words = tokens.filter(({ kind, text }) => kind === "word" && text.length > 3);
  return words.length > 3 && words.filter(({ raw }) => /^\p{Lu}/u.test(raw)).length > words.length * 0.7;
}

function isName({ raw, text, isInitial }: Token, isTitle: boolean): boolean {
  if (/\p{Ll}\p{Lu}/u.test(raw)) return true;
  if (/^i(?:'|$)/.test(text) || isTitle) return false;
  const isFunctionWord = FUNCTION_WORDS.has(text) || NEGATORS.has(text);
  if (/^\p{Lu}$/u.test(raw)) return !isInitial;
  if (/^\p{Lu}[\p{Lu}+#]+$/u.test(raw)) return !isFunctionWord;
  return /^\p{Lu}/u.test(raw) && !isInitial && !isFunctionWord;
}

function quotesOf(folded: string): string[] {
  const found = folded.matchAll(/"([^"]+)"|(?<![\p{L}\d])'([^']+)'(?![\p{L}\d])/gu);
  return [...found].map(([, double, single]) => (double ?? single ?? "").toLowerCase().trim()).toSorted();
}

function negatedOf(tokens: readonly Token[], contentAt: ReadonlyMap<number, ContentWord>): string[] {
  return tokens.flatMap(({ text, raw }, at) => {
    const isNumberSign = text === "no" && /^\d/.test(tokens[at + 1]?.text ?? "");
    const isNegator = NEGATORS.has(text) || text.endsWith("n't") || text === "unable";
    const isFailing = /^fail(?:s|ed|ing)?$/.test(text) && tokens[at + 1]?.text === "to";
    if (isNumberSign || raw === "NO" || (!isNegator && !isFailing)) return [];
    if (text === "nor" && tokens.some((other) => other.text === "neither")) return [];
    // "Why won't it start": the verb comes later, after a subject, so nothing is known of what is negated.
    if (text.endsWith("n't")) return [""];
    for (let next = at + 1; next < tokens.length; next++) {
      const word = contentAt.get(next);
      if (word !== undefined && !word.isSoft && !(isFailing && next === at)) return [word.stem];
    }
    return [""];
  });
}

const PARTICIPLE = /(?:ed|en|wn|ld|nt|de|ght|t)$/;

function passiveOf(tokens: readonly Token[], contentAt: ReadonlyMap<number, ContentWord>): Prepared["passive"] {
  const by = tokens.findIndex(
    ({ text }, at) => text === "by" && contentAt.has(at - 1) && PARTICIPLE.test(tokens[at - 1]?.text ?? ""),
  );
  const verb = contentAt.get(by - 1);
  const agent = [...contentAt.values()].find(({ at, isSoft }) => at > by && !isSoft);
  return by < 1 || verb === undefined || agent === undefined ? undefined : { verb: verb.stem, agent: agent.stem };
}

function lackingOf(folded: string): string[] {
  const found = folded.toLowerCase().matchAll(/\b([a-z]{3,})(?:-free|-less|less)\b/g);
  return [...found].map(([, word]) => stem(word ?? ""));
}

function orderOf(
  tokens: readonly Token[],
  used: ReadonlySet<number>,
  contentAt: ReadonlyMap<number, ContentWord>,
): string[] {
  return tokens.flatMap(({ kind, text }, at) => {
    if (contentAt.get(at)?.isEntity === true) return [contentAt.get(at)?.stem ?? text];
    return used.has(at) && (kind === "identifier" || kind === "number") ? [text] : [];
  });
}
