/** A model's text read as JSON, or what is wrong with it. */
export type ReadJson =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly mistake: string };

/** A brace, or a JSON string, whose braces mean nothing. */
const TOKEN = /[{}]|"(?:[^"\\\n]|\\.)*"/;
const FENCE = /```(?:json)?\s*\n([\s\S]*?)\n?\s*```/i;

/**
 * Reads JSON as models write it: bare, within a code fence, or with words before and behind. What is read must be whole JSON; nothing
 * is guessed or completed.
 */
export function readJson(text: string): ReadJson {
  for (const candidate of candidates(text)) {
    try {
      return { ok: true, value: JSON.parse(candidate) };
    } catch {
      // The next candidate may be better; if none is, the first one's mistake is told below.
    }
  }
  return { ok: false, mistake: mistakeOf(text.trim()) };
}

function* candidates(text: string): Iterable<string> {
  yield text.trim();
  const fenced = FENCE.exec(text)?.[1];
  if (fenced !== undefined) yield fenced;
  yield* bracedParts(text);
}

/** What stands between braces that match, one after the other; braces within JSON strings do not count. */
function* bracedParts(text: string): Iterable<string> {
  const token = new RegExp(TOKEN, "g");
  let depth = 0;
  let start = 0;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const { 0: found, index } = match;
    if (found === "{" && depth++ === 0) start = index;
    else if (found === "}" && depth > 0 && --depth === 0) yield text.slice(start, index + 1);
    // Outside of an object a quotation mark is prose, so what follows it is read on its own.
    else if (depth === 0) token.lastIndex = index + 1;
  }
}

function mistakeOf(text: string): string {
  if (text === "") return "the answer is empty";
  try {
    JSON.parse(text);
    return "the answer is not JSON";
  } catch (error) {
    return `the answer is not JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
}
