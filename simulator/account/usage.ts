/** Tokens of one answer; the input is the sum of its four parts, the reasoning a part of the output. */
export interface Usage {
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWrite5mTokens: number;
  readonly cacheWrite1hTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
}

/** All input tokens, cached or not. */
export function promptTokens({ inputTokens, cacheReadTokens, cacheWrite5mTokens, cacheWrite1hTokens }: Usage): number {
  return inputTokens + cacheReadTokens + cacheWrite5mTokens + cacheWrite1hTokens;
}
