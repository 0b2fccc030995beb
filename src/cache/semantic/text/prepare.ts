import { ALIASES, PHRASES } from "../words/classes.ts";
import {
  ASKING_VERBS,
  CEASING,
  CLASS_HEADS,
  CLASS_NOUNS,
  DIRECTION_WORDS,
  FAILING,
  FUNCTION_WORDS,
  HINDERING,
  LIGHT_VERBS,
  NEGATORS,
  POSSESSORS,
  SOFT_WORDS,
  SORTS,
  SYMMETRIC_WORDS,
} from "../words/function-words.ts";
import { IRREGULAR_FORMS } from "../words/irregular-forms.ts";
import { isVerb } from "../words/related.ts";
import { questionOf, type Question } from "./question.ts";
import { isEnglish } from "./language.ts";
import { isPlural, stem } from "./stem.ts";
import { foldUnicode, toTokens, type Token } from "./tokens.ts";
import { readValues } from "./values.ts";

/** A word of a prompt that carries content. */
export interface ContentWord {
  readonly stem: string;
  readonly text: string;
  /** Index among the tokens. */
  readonly at: number;
  /**
   * `hard`: without it something else is asked for. `classifier`: only says of what sort its neighbour is, may be dropped, not replaced.
   * `light`: the same where enough is left. `soft`: may be dropped and replaced.
   */
  readonly weight: "hard" | "classifier" | "light" | "soft";
  readonly isEntity: boolean;
  /** An article or owner follows: in the middle of a sentence that marks a verb. */
  readonly isBeforeDeterminer: boolean;
  /** "To" or a pronoun stands before: a verb in its plain form. */
  readonly isVerbal: boolean;
  /** After a form of "be" or "get": it is done to what stands before. */
  readonly isPassive: boolean;
  /** A word in the plural, as far as its ending tells: a verb in -s looks the same. */
  readonly isPlural: boolean;
  /** What its noun phrase begins with. Undefined for names and without a word of this sort. */
  readonly determiner: Determiner | undefined;
}

/** "The", "my", "these"; "a"; "all". */
export type Determiner = "definite" | "indefinite" | "all";

/** A prompt as the guards read it: made once and kept with the entry. */
export interface Prepared {
  readonly isEnglish: boolean;
  readonly question: Question;
  /** Of "who runs it" and "who ran it", where no auxiliary tells. */
  readonly verbTense: "past" | "present" | undefined;
  /** Numbers, amounts, times, dates, identifiers, operators, sorted. */
  readonly values: readonly string[];
  /** What stands in quotes, in lower case, sorted. */
  readonly quotes: readonly string[];
  /** For each negator the stem of the content word after it. */
  readonly negated: readonly string[];
  readonly content: readonly ContentWord[];
  /** Every token in order: stems of content, # for values, text of the rest. */
  readonly sequence: readonly string[];
  /** Every token in lower case, as it is written. */
  readonly words: readonly string[];
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
  const question = questionOf(tokens.map(({ text }) => text));
  return {
    isEnglish: isEnglish(tokens),
    question,
    verbTense: question.tense === undefined ? verbTenseOf(question, content) : undefined,
    values,
    quotes: quotesOf(folded),
    negated: negatedOf(tokens, contentAt),
    content,
    sequence: tokens.flatMap(({ text }, at) => (used.has(at) ? ["#"] : [contentAt.get(at)?.stem ?? text])),
    words: tokens.map(({ text }) => text),
    skeleton: tokens
      .map(({ text }, at) => (contentAt.has(at) || used.has(at) ? "_" : text === "an" ? "a" : text))
      .join(" "),
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
  return readPurpose(joinParticles(readHowMuch(joined)));
}

/** "How much is it" asks for a cost, "how much water" for an amount, "how much is the fee" for the fee. */
function readHowMuch(tokens: readonly Token[]): Token[] {
  const isMoney = tokens.some(({ text }) => MONEY.has(stem(text)));
  return tokens.flatMap((token, at) => {
    if (token.text !== "how-much") return [token];
    const what = { ...token, text: "what" };
    if (isMoney) return [what];
    const isPrice = /^(?:is|are|was|were|for)$/.test(tokens[at + 1]?.text ?? "");
    return [what, { ...token, text: isPrice ? "cost" : "amount" }];
  });
}

const MONEY = new Set(
  "cost price charge fee fine pay owe worth salary wage rent tax bill deposit discount rate premium toll tuition fare budget spend earn save refund bonus debt"
    .split(" ")
    .map(stem),
);

/** "What does a valve do" and "what is a valve for" ask for its purpose. */
function readPurpose(tokens: readonly Token[]): Token[] {
  const words = tokens.map(({ text }) => text);
  const last = words.at(-1) ?? "";
  const isDoing = last === "do" && /\bwhat (?:do|does|did) (?!i |you |we |one )/.test(words.join(" "));
  const isFor = last === "for" && /\bwhat (?:is|are) /.test(words.join(" "));
  return isDoing || isFor
    ? tokens.map((token, at) => (at === words.length - 1 ? { ...token, text: "purpose" } : token))
    : [...tokens];
}

/** "Turn the lamp on" is "turn on the lamp". */
function joinParticles(tokens: readonly Token[]): Token[] {
  const verbAt = tokens.findIndex(({ text }) => /^(?:turn|switch|power)(?:s|ed|ing)?$/.test(text));
  if (verbAt < 0) return [...tokens];
  const particleAt = tokens.findIndex(
    ({ text }, at) =>
      at > verbAt && at < verbAt + 6 && /^(?:on|off)$/.test(text) && !DETERMINER.test(tokens[at + 1]?.text ?? ""),
  );
  const particle = tokens[particleAt];
  if (particle === undefined || (tokens[particleAt + 1] !== undefined && !isGrammar(tokens[particleAt + 1])))
    return [...tokens];
  return tokens.flatMap((token, at) => {
    if (at === particleAt) return [];
    return at === verbAt ? [{ ...token, text: particle.text === "on" ? "enable" : "disable" }] : [token];
  });
}

const DETERMINER = /^(?:the|an?|my|your|his|her|its|our|their|this|that|these|those|every|each|all|any)$/;

function isGrammar(token: Token | undefined): boolean {
  return token !== undefined && FUNCTION_WORDS.has(token.text);
}

/** "us" is a pronoun, "US" a country. */
function isAlias({ raw, text }: Token): boolean {
  return text !== "us" || raw === "US";
}

function toContent(tokens: readonly Token[], used: ReadonlySet<number>): ContentWord[] {
  const isTitle = isTitleCase(tokens);
  return tokens.flatMap((token, at): ContentWord[] => {
    if (used.has(at) || token.kind === "symbol" || token.kind === "number") return [];
    const text = ABBREVIATIONS.test(token.raw) ? token.text.slice(0, -1) : withoutTail(token.text);
    const isEntity = token.kind === "foreign" || isName(token, isTitle);
    if (
      !isEntity &&
      !isGreetingAskedFor(tokens, at) &&
      (FUNCTION_WORDS.has(token.text) || FUNCTION_WORDS.has(text) || NEGATORS.has(text))
    )
      return [];
    return [
      {
        stem: stem(text),
        text,
        at,
        weight: isEntity ? "hard" : weightOf(text, tokens, at, used),
        isEntity,
        isBeforeDeterminer: DETERMINER.test(tokens[at + 1]?.text ?? ""),
        isVerbal: isVerb(stem(text)) && VERBAL.test(tokens[at - 1]?.text ?? ""),
        isPassive: isParticiple(text) && tokens.slice(Math.max(0, at - 6), at).some((before) => BE.test(before.text)),
        isPlural: isPlural(text) && !WEEKDAYS.test(text),
        determiner: isEntity ? undefined : determinerOf(tokens, at, used),
      },
    ];
  });
}

/** "On Sundays" means the same in both numbers. */
const WEEKDAYS = /^(?:mon|tues|wednes|thurs|fri|satur|sun)days$/;
/** "APIs". */
const ABBREVIATIONS = /^\p{Lu}{2,}s$/u;

/** Looks back from a noun over the words before it in its phrase. */
function determinerOf(tokens: readonly Token[], at: number, used: ReadonlySet<number>): Determiner | undefined {
  let start = at;
  while (start > 0 && !used.has(start - 1) && isInside(tokens[start - 1])) start--;
  if (start < at && isVerb(stem(withoutTail(tokens[at]?.text ?? "")))) return undefined;
  const determiner = tokens[start - 1]?.text ?? "";
  if (ALL.test(determiner) || (DEFINITE.test(determiner) && ALL.test(tokens[start - 2]?.text ?? ""))) return "all";
  if (DEFINITE.test(determiner)) return "definite";
  return /^an?$/.test(determiner) ? "indefinite" : undefined;
}

const ALL = /^(?:all|both)$/;
const DEFINITE = /^(?:the|my|your|his|her|its|our|their|this|that|these|those)$/;

function isInside(token: Token | undefined): boolean {
  if (token?.kind !== "word") return false;
  if (INSIDE_PHRASE.test(token.text)) return true;
  return !FUNCTION_WORDS.has(token.text) && !NEGATORS.has(token.text) && !isVerb(stem(withoutTail(token.text)));
}

/** Function words that stand between an article and its noun. */
const INSIDE_PHRASE = /^(?:other|same|next)$/;

/** "Hello" and "thanks" at the ends of a prompt are politeness, in its middle they are what is asked about. */
function isGreetingAskedFor(tokens: readonly Token[], at: number): boolean {
  if (!GREETING.test(tokens[at]?.text ?? "") || at === 0 || at === tokens.length - 1) return false;
  return (
    !tokens[at]?.isInitial &&
    !/^(?:hi|hello|hey|please|and|you)$/.test(tokens[at - 1]?.text ?? "") &&
    tokens[at + 1]?.text !== "you"
  );
}

const GREETING = /^(?:thanks|thank|hi|hello|hey)$/;

function weightOf(
  text: string,
  tokens: readonly Token[],
  at: number,
  used: ReadonlySet<number>,
): ContentWord["weight"] {
  const plain = stem(text);
  if (SOFT_STEMS.has(plain)) return "soft";
  if (plain === "own" && POSSESSORS.has(tokens[at - 1]?.text ?? "")) return "soft";
  if (SORT_STEMS.has(plain)) return isSortOf(tokens, at) ? "soft" : "hard";
  if (ASKING_STEMS.has(plain) && tokens.slice(0, at).every((before) => ASKING.test(before.text))) return "soft";
  if (LIGHT_STEMS.has(plain) || text === "leaving") return "light";
  if (!CLASS_STEMS.has(plain)) return "hard";
  const [before, after] = [tokens[at - 1], tokens[at + 1]];
  if (
    /^(?:people|person)$/.test(text) &&
    before !== undefined &&
    /^(?:do|does|did|can|should|must|may|a)$/.test(before.text)
  )
    return "classifier";
  if (before !== undefined && /^(?:what|which)$/.test(before.text)) return "classifier";
  if (used.has(at + 1) || (after !== undefined && isName(after, false))) return "classifier";
  const isAfterNoun =
    before !== undefined && before.kind === "word" && !FUNCTION_WORDS.has(before.text) && !isVerb(stem(before.text));
  return isAfterNoun && HEAD_STEMS.has(plain) ? "classifier" : "hard";
}

const ASKING = /^(?:please|kindly|can|could|would|will|you|i|i'd|like|want|need|to|me|us|just|also|hi|hello|hey|so)$/;
/** "What kind", "kinds of", "account types", and no "blood type". */
function isSortOf(tokens: readonly Token[], at: number): boolean {
  const before = tokens[at - 1]?.text ?? "";
  return /^(?:what|which)$/.test(before) || tokens[at + 1]?.text === "of" || (tokens[at]?.text ?? "").endsWith("s");
}

const SORT_STEMS = new Set([...SORTS].map(stem));
const [SOFT_STEMS, LIGHT_STEMS, ASKING_STEMS, CLASS_STEMS, HEAD_STEMS] = [
  SOFT_WORDS,
  LIGHT_VERBS,
  ASKING_VERBS,
  CLASS_NOUNS,
  CLASS_HEADS,
].map((list) => new Set([...list].map(stem))) as [Set<string>, Set<string>, Set<string>, Set<string>, Set<string>];

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
    const isVerb = isNegatingVerb(tokens, at);
    if (isNumberSign || raw === "NO" || !(NEGATORS.has(text) || text.endsWith("n't") || isVerb)) return [];
    if (text === "nor" && tokens.some((other) => other.text === "neither")) return [];
    // "Why won't it start": the verb comes later, after a subject, so nothing is known of what is negated.
    if (text.endsWith("n't")) return [""];
    for (let next = at + 1; next < tokens.length; next++) {
      const word = contentAt.get(next);
      if (word !== undefined && word.weight !== "soft") return [word.stem];
    }
    return [""];
  });
}

/** "Fails to start", "stop smoking", "keep it from boiling". */
function isNegatingVerb(tokens: readonly Token[], at: number): boolean {
  const text = tokens[at]?.text ?? "";
  const next = tokens[at + 1]?.text ?? "";
  if (FAILING.has(text) && next === "to") return true;
  if (CEASING.has(text) && next.length > 4 && next.endsWith("ing")) return true;
  if (!HINDERING.has(text)) return false;
  const fromAt = tokens.findIndex((token, index) => index > at && index <= at + 6 && token.text === "from");
  return fromAt > 0 && (tokens[fromAt + 1]?.text ?? "").endsWith("ing");
}

const VERBAL = /^(?:to|i|you|we|they|one|he|she|it|people)$/;
const BE = /^(?:is|are|was|were|be|been|being|am|get|gets|got)$/;

function isParticiple(text: string): boolean {
  return /..ed$/.test(text) || isIrregularPast(text);
}

function isIrregularPast(text: string): boolean {
  const plain = IRREGULAR_FORMS.get(text);
  return plain !== undefined && plain !== text && !/(?:s|ing)$/.test(text) && isVerb(stem(plain));
}

/** The first verb near the start of a question for its subject. */
function verbTenseOf({ kind }: Question, content: readonly ContentWord[]): Prepared["verbTense"] {
  if (kind !== "who" && kind !== "what") return undefined;
  for (const { text, at, stem: plain } of content.slice(0, 2)) {
    if (at > 3) break;
    if (isParticiple(text)) return "past";
    if (text.endsWith("s") && (isVerb(plain) || kind === "who")) return "present";
  }
  return undefined;
}

const PARTICIPLE = /(?:ed|en|wn|ld|nt|de|ght|t)$/;

function passiveOf(tokens: readonly Token[], contentAt: ReadonlyMap<number, ContentWord>): Prepared["passive"] {
  const by = tokens.findIndex(
    ({ text }, at) => text === "by" && contentAt.has(at - 1) && PARTICIPLE.test(tokens[at - 1]?.text ?? ""),
  );
  const verb = contentAt.get(by - 1);
  const agent = [...contentAt.values()].find(({ at, weight }) => at > by && weight !== "soft");
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
