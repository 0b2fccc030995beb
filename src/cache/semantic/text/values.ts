import { ordinalValue, readCardinal, scaleOf } from "./number-words.ts";
import type { Token } from "./tokens.ts";
import { toQuantity, UNITS, type Unit } from "./units.ts";

/** What the figures and identifiers of a prompt say, in one form, and which tokens said it. */
export interface Values {
  readonly values: readonly string[];
  /** Indices of tokens that are part of a value and no content. */
  readonly used: ReadonlySet<number>;
}

const MONTHS =
  "january february march april may june july august september october november december jan feb mar apr jun jul aug sep sept oct nov dec".split(
    " ",
  );
const CURRENCY: Readonly<Record<string, string>> = { $: "usd", "€": "eur", "£": "gbp", "¥": "jpy", "₹": "inr" };
/** Operators between two names or figures, whose order matters. */
const COMPARING = /^(?:[<>≤≥]=?|[-/^&|]|->|=>)$/;
/** They count only before what they quantify. */
const AMBIGUOUS = new Set(["one", "first", "second"]);
const MULTIPLES: ReadonlyMap<string, string> = new Map([
  ["half", "0.5"],
  ["twice", "2"],
  ["thrice", "3"],
  ["quarter", "0.25"],
]);

/** Reads numbers, number words, ordinals, amounts, units, times and dates. */
export function readValues(tokens: readonly Token[]): Values {
  const words = tokens.map((token) => token.text);
  const values: string[] = [];
  const used = new Set<number>();
  for (let at = 0; at < tokens.length; at++) {
    const length = readAt(tokens, words, at, values);
    for (let index = at; index < at + length; index++) used.add(index);
    if (length > 0) at += length - 1;
  }
  return { values: values.toSorted(), used };
}

function readAt(tokens: readonly Token[], words: readonly string[], at: number, values: string[]): number {
  const token = tokens[at];
  if (token === undefined) return 0;
  switch (token.kind) {
    case "identifier":
      return readIdentifier(token, words, at, values);
    case "symbol":
      values.push(COMPARING.test(token.raw) ? `${words[at - 1] ?? ""} ${token.raw} ${words[at + 1] ?? ""}` : token.raw);
      return 1;
    case "number":
      return readFigure(token.text, words, at, values);
    case "word":
      return readNumberWord(words, at, values);
    case "foreign":
      return 0;
  }
}

function readIdentifier({ raw, text }: Token, words: readonly string[], at: number, values: string[]): number {
  const date = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text);
  const clock = /^(\d{1,2}):(\d{2})(?::\d{2})?$/.exec(text);
  if (date !== null) values.push(`${Number(date[1])}`, `date ${Number(date[2])}-${Number(date[3])}`);
  else if (clock !== null) return readClock(Number(clock[1]), Number(clock[2]), words, at, values);
  else values.push(/^https?:|[/_]|[a-z][A-Z]/.test(raw) ? raw : text);
  return 1;
}

function readFigure(text: string, words: readonly string[], at: number, values: string[]): number {
  const clean = text.replaceAll(/[\s−]/g, (letter) => (letter === "−" ? "-" : ""));
  const ordinal = /^(\d+)(?:st|nd|rd|th)$/.exec(clean);
  if (ordinal?.[1] !== undefined)
    return readDay(Number(ordinal[1]), words, at, values) ?? keep(values, `#${Number(ordinal[1])}`);
  const sign = /[$€£¥₹]/.exec(clean)?.[0];
  const digits = clean.replaceAll(/[$€£¥₹+]/g, "");
  if (digits === "" || digits === "-") return keep(values, clean);
  if (/^0\d+$/.test(digits) && sign === undefined) return keep(values, digits);
  let value = toNumber(digits);
  let length = 1;
  const minutes = words[at + 1];
  if (/^(?:am|pm|a|p)$/.test(minutes ?? "") && value <= 24 && (minutes?.length === 2 || words[at + 2] === "m"))
    return readClock(value, 0, words, at, values);
  if (words[at + 1] === "o'clock") return keep(values, `${value} o'clock`, 2);
  const scale = scaleOf(words[at + length] ?? "");
  if (scale !== undefined && !(words[at + length] === "m" && sign === undefined)) {
    value *= scale;
    length++;
  }
  if (sign !== undefined) return keep(values, toQuantity(value, UNITS.get(CURRENCY[sign] ?? "")), length);
  if (length === 1) {
    const day = readDay(value, words, at, values);
    if (day !== undefined) return day;
  }
  return readUnit(value, words, at, length, values);
}

/** "5,000", "5.000,50", "5,000.50", "1.5". */
function toNumber(digits: string): number {
  const lastComma = digits.lastIndexOf(",");
  const lastDot = digits.lastIndexOf(".");
  if (lastComma > lastDot && !/^-?\d{1,3}(?:,\d{3})+$/.test(digits))
    return Number(digits.replaceAll(".", "").replace(",", "."));
  const plain = digits.replaceAll(",", "");
  return Number((plain.match(/\./g)?.length ?? 0) > 1 ? plain.replaceAll(".", "") : plain);
}

function readUnit(value: number, words: readonly string[], at: number, length: number, values: string[]): number {
  let next = at + length;
  while (["us", "american", "degree", "degrees", "of"].includes(words[next] ?? "") && UNITS.has(words[next + 1] ?? ""))
    next++;
  const unit: Unit | undefined = UNITS.get(words[next] ?? "");
  if (unit === undefined || words[next] === "in" || words[next] === "a")
    return keep(values, toQuantity(value, undefined), length);
  return keep(values, toQuantity(value, unit), next + 1 - at);
}

/** "7 am", "7:30 pm", "19:30", "7 in the morning" is left to its words. */
function readClock(hour: number, minute: number, words: readonly string[], at: number, values: string[]): number {
  const half = words[at + 1] ?? "";
  const isHalf = /^[ap]m$/.test(half) || (/^[ap]$/.test(half) && words[at + 2] === "m");
  const hours = isHalf ? (hour % 12) + (half.startsWith("p") ? 12 : 0) : hour;
  const rest = Math.round((hours - Math.floor(hours)) * 100);
  const text = `${String(Math.floor(hours)).padStart(2, "0")}:${String(minute + rest).padStart(2, "0")}`;
  return keep(values, text, isHalf ? (half.length === 2 ? 2 : 3) : 1);
}

/** "3 May", "May 3rd", "the 3rd of May": the day is a value, the month stays a word as well. */
function readDay(day: number, words: readonly string[], at: number, values: string[]): number | undefined {
  if (!Number.isInteger(day) || day < 1 || day > 31) return undefined;
  const after = words[at + 1] === "of" ? words[at + 2] : words[at + 1];
  const month = monthOf(after) ?? monthOf(words[at - 1]);
  return month === undefined ? undefined : keep(values, `date ${month}-${day}`);
}

function monthOf(word: string | undefined): number | undefined {
  const at = MONTHS.indexOf(word ?? "");
  if (at < 0) return undefined;
  return at < 12 ? at + 1 : MONTHS.findIndex((month) => month.startsWith((word ?? "").slice(0, 3))) + 1;
}

function readNumberWord(words: readonly string[], at: number, values: string[]): number {
  const word = words[at] ?? "";
  const multiple = MULTIPLES.get(word);
  if (multiple !== undefined) return keep(values, multiple);
  if (word === "noon" || word === "midnight") return keep(values, word === "noon" ? "12:00" : "00:00");
  const ordinal = ordinalValue(word);
  if (ordinal !== undefined && !(AMBIGUOUS.has(word) && isUnitUse(words, at)))
    return readDay(ordinal, words, at, values) ?? keep(values, `#${ordinal}`);
  const cardinal = readCardinal(words, at);
  if (cardinal === undefined) return 0;
  if (cardinal.length === 1 && word === "one" && !UNITS.has(words[at + 1] ?? "")) return 0;
  return readUnit(cardinal.value, words, at, cardinal.length, values);
}

/** "second" as a measure of time, "first" as an adverb. */
function isUnitUse(words: readonly string[], at: number): boolean {
  if (words[at] === "first") return words[at + 1] === undefined;
  return words[at] === "second" && ["per", "a", "every", "each"].includes(words[at - 1] ?? "");
}

function keep(values: string[], value: string, length = 1): number {
  values.push(value);
  return length;
}
