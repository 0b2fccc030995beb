import type { Answer } from "../ai.ts";

/** How an answer goes out. `begin` comes first and `end` last, once each; after the client has gone none of them does anything. */
export interface GatewayReply {
  begin(status: number, headers: Readonly<Record<string, string>>): void;
  /** What it gives resolves once the client took enough of what waits for it; undefined: there is room. */
  write(text: string): Promise<void> | undefined;
  end(text?: string): void;
}

/** Adds to headers where an answer came from, and what it cost. */
export function storyOf(
  { source, model, usd, ageMs, degraded }: Omit<Answer<unknown>, "value">,
  story: Record<string, string>,
): Record<string, string> {
  story["x-millrace-source"] = source;
  story["x-millrace-model"] = model;
  if (usd !== null) story["x-millrace-usd"] = priceText(usd);
  if (ageMs !== null) story["x-millrace-age"] = String(Math.floor(ageMs / 1_000));
  if (degraded !== null) story["x-millrace-degraded"] = headerText(degraded);
  return story;
}

/** The same at the end of a stream whose headers had to leave before it was known: a comment, which clients of event streams skip. */
export function storyComment({ source, model, usd }: Omit<Answer<unknown>, "value">): string {
  return `: millrace source=${source} model=${headerText(model)}${usd === null ? "" : ` usd=${priceText(usd)}`}\n\n`;
}

/** US dollars without an exponent, to a billionth. */
function priceText(usd: number): string {
  return usd === 0 ? "0" : usd.toFixed(9).replace(/\.?0+$/, "");
}

const LONGEST_HEADER = 300;

/** Headers hold one line of Latin letters. */
function headerText(text: string): string {
  return text.replaceAll(/[^\u0020-\u007E]+/g, " ").slice(0, LONGEST_HEADER);
}
