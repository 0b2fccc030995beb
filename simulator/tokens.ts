/** Estimates tokens: four characters each, the usual rule of thumb for English, always the same for the same text. */
export function estimateTokens(text: string): number {
  return Math.ceil(text.length / 4);
}

/** Cuts a text to so many tokens. */
export function cutToTokens(text: string, tokens: number): string {
  return text.slice(0, tokens * 4);
}
