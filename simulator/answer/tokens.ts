/** Four characters are a token: the usual rule of thumb for English, always the same for the same text. */
export const CHARACTERS_PER_TOKEN = 4;

/** Estimates the tokens of a text of so many characters. */
export function tokensOfLength(characters: number): number {
  return Math.ceil(characters / CHARACTERS_PER_TOKEN);
}

/** Estimates the tokens of a text. */
export function estimateTokens(text: string): number {
  return tokensOfLength(text.length);
}

/** Cuts a text to so many tokens. */
export function cutToTokens(text: string, tokens: number): string {
  return text.slice(0, tokens * CHARACTERS_PER_TOKEN);
}
