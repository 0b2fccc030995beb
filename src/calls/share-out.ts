import type { Spent } from "./tally.ts";

/** How much of one request is whose. */
export interface Weight {
  readonly input: number;
  readonly output: number;
}

/**
 * Parts what one request used among all whose questions went in it: input by the one weight, output by the other, money by the tokens. Whole
 * tokens, whose sums are exact; the request itself is the first one's, and each waited all of its time.
 */
export function shareOut(spent: Spent, weights: readonly Weight[]): readonly Spent[] {
  const inputs = weights.map(({ input }) => input);
  const outputs = weights.map(({ output }) => output);
  const { usage, known, usd } = spent;
  const read = wholeParts(usage.inputTokens, inputs);
  const written = wholeParts(usage.outputTokens, outputs);
  const fromCache = wholeParts(usage.cacheReadTokens, inputs);
  const intoCache = wholeParts(usage.cacheWriteTokens, inputs);
  const thought = wholeParts(usage.reasoningTokens, outputs);
  const knownInput = wholeParts(known.inputTokens, inputs);
  const knownOutput = wholeParts(known.outputTokens, outputs);
  const money = shares(weights.map((_, index) => (knownInput[index] ?? 0) + PRICIER * (knownOutput[index] ?? 0)));
  return weights.map((_, index) => ({
    ...spent,
    requests: index === 0 ? spent.requests : 0,
    usage: {
      inputTokens: read[index] ?? null,
      outputTokens: written[index] ?? null,
      cacheReadTokens: fromCache[index] ?? 0,
      cacheWriteTokens: intoCache[index] ?? 0,
      reasoningTokens: thought[index] ?? 0,
    },
    known: { inputTokens: knownInput[index] ?? 0, outputTokens: knownOutput[index] ?? 0 },
    usd: usd === null ? null : usd * (money[index] ?? 0),
  }));
}

/** Output costs about five times as much as input, at most models of both providers. */
const PRICIER = 5;

/** Parts a whole number: each gets the whole part of his share, and what is left goes to those who lost most by that. */
export function wholeParts(total: number | null, weights: readonly number[]): readonly (number | null)[] {
  if (total === null) return weights.map(() => null);
  const exact = shares(weights).map((share) => share * total);
  const whole = exact.map(Math.floor);
  const left = total - whole.reduce((sum, part) => sum + part, 0);
  const byLoss = exact.map((part, index) => ({ index, loss: part - Math.floor(part) })).sort((a, b) => b.loss - a.loss);
  const more = new Set(byLoss.slice(0, Math.round(left)).map(({ index }) => index));
  return whole.map((part, index) => (more.has(index) ? part + 1 : part));
}

/** Of 1; equal ones where nothing tells them apart. */
function shares(weights: readonly number[]): readonly number[] {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => (sum === 0 ? 1 / weights.length : weight / sum));
}
