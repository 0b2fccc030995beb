/** A piece of a prompt. */
export interface Token {
  readonly kind: "word" | "number" | "identifier" | "symbol" | "foreign";
  /** As written, after Unicode folding. */
  readonly raw: string;
  /** In lower case. */
  readonly text: string;
  /** Where it begins. */
  readonly at: number;
  /** First of its sentence. */
  readonly isInitial: boolean;
}

const IDENTIFIER = String.raw`\d{1,2}:\d{2}(?::\d{2})?(?!\d)|https?:\/\/[^\s"'<>]+[^\s"'<>.,;:!?)]|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|[A-Za-z0-9]{0,80}[A-Za-z_][A-Za-z0-9_]{0,80}(?:[\-_./#:]{1,2}[A-Za-z0-9_]+)+|[A-Za-z_]+\d[A-Za-z0-9_]*(?:[\-_./#][A-Za-z0-9_]+)*|\d+[A-Za-z_]+[A-Za-z0-9_]*(?:[\-_./#][A-Za-z0-9_]+)*|\d+(?:[\-/.:]\d+){2,}(?:-[A-Za-z0-9]+)*|\d+(?:[\-/_]\w+)+|[.]{1,2}\/[\w./-]+|\/\w[\w./-]*|(?<!\S)--?[a-z][\w-]*\b`;
const NUMBER = String.raw`(?<![\w.])[-+−]?[$€£¥₹]?\s?\d+(?:[.,]\d+)*|[$€£¥₹]`;
const WORD = String.raw`[\p{L}\p{M}]+(?:'[\p{L}\p{M}]+)?(?:\+\+|#(?!\w))?`;
const SYMBOL = String.raw`!=|[<>=≤≥≠]=?|%|[+*/^°&|~](?=\s|$|\d)|->|=>|\p{Extended_Pictographic}`;
const TOKEN = new RegExp(`(${IDENTIFIER})|(${NUMBER})|(${WORD})|(${SYMBOL})|([.?!:;](?=\\s|$))`, "gu");
const LATIN = /^[\p{Script=Latin}\p{M}'+#]+$/u;
const UNIT_GLUED = /^(\d+(?:[.,]\d+)*)(%|°?[a-zµμ]{1,4}|[kKMG]?[bB](?:ps)?|[kM]?Hz|GHz|°[CF])$/u;
const GLUED_TAIL = /^(\d+)-([a-z]{3,})(?:-[a-z]+)?$/i;
const PURE_WORDS = /^[A-Za-z]+(?:-[A-Za-z]+)+$/;

/** NFKC, straight quotes and plain dashes: what every later stage reads. */
export function foldUnicode(prompt: string): string {
  return prompt
    .normalize("NFKC")
    .replaceAll(/[‘’‚‛′`´]/g, "'")
    .replaceAll(/[“”„‟«»″]/g, '"')
    .replaceAll(/[‐‑‒–—]/g, "-");
}

/** Cuts a folded prompt into tokens. Identifiers stay whole; hyphenated words and figures with a glued unit come apart. */
export function toTokens(folded: string): Token[] {
  const tokens: Token[] = [];
  let isInitial = true;
  const push = (kind: Token["kind"], raw: string, at: number): void => {
    tokens.push({ kind, raw, text: raw.toLowerCase(), at, isInitial });
    isInitial = false;
  };
  for (const match of folded.matchAll(TOKEN)) {
    const [, identifier, number, word, symbol, end] = match;
    if (end !== undefined) isInitial = true;
    else if (identifier !== undefined) pushCompound(identifier, match.index, push);
    else if (number !== undefined) push("number", number, match.index);
    else if (word !== undefined) push(LATIN.test(word) ? "word" : "foreign", word, match.index);
    else if (symbol !== undefined) push("symbol", symbol, match.index);
  }
  return tokens;
}

function pushCompound(text: string, at: number, push: (kind: Token["kind"], raw: string, at: number) => void): void {
  const glued = UNIT_GLUED.exec(text) ?? GLUED_TAIL.exec(text);
  if (/^\d+(?:st|nd|rd|th)$/i.test(text)) push("number", text, at);
  else if (glued?.[1] !== undefined && glued[2] !== undefined) {
    push("number", glued[1], at);
    push("word", glued[2], at + glued[1].length);
  } else if (PURE_WORDS.test(text) || /^[A-Za-z]+(?:\/[A-Za-z]+)+$/.test(text)) {
    for (const part of text.matchAll(/[A-Za-z]+/g)) push("word", part[0], at + part.index);
  } else push("identifier", text, at);
}
