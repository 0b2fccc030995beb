/** A model's text read as JSON, or what is wrong with it. */
export type ReadJson =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly mistake: string };

const FENCE = /```(?:json)?\s*\n([\s\S]*?)\n?\s*```/i;

/**
 * Reads JSON as models write it: bare, within a code fence, or with words before and behind. What is read must be whole JSON; nothing
 * is guessed or completed.
 */
export function readJson(text: string): ReadJson {
  const candidates = [text.trim(), FENCE.exec(text)?.[1], betweenBraces(text)];
  for (const candidate of candidates) {
    if (candidate === undefined || candidate === "") continue;
    try {
      return { ok: true, value: JSON.parse(candidate) };
    } catch {
      // The next candidate may be better; if none is, the first one's mistake is told below.
    }
  }
  return { ok: false, mistake: mistakeOf(text.trim()) };
}

function betweenBraces(text: string): string | undefined {
  const start = text.indexOf("{");
  const end = text.lastIndexOf("}");
  return start === -1 || end <= start ? undefined : text.slice(start, end + 1);
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
