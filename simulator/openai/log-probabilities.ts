import { CHARACTERS_PER_TOKEN } from "../answer/tokens.ts";
import type { Fields } from "../question.ts";

/** How likely each token was, beside others that might have stood there. Made up: 0.9, and the rest in halves. */
export function logProbabilitiesOf(text: string, alternatives: number) {
  const tokens = text.match(new RegExp(`.{1,${CHARACTERS_PER_TOKEN}}`, "gsu")) ?? [];
  return {
    content: tokens.map((token) => {
      const others = Array.from({ length: Math.max(0, alternatives - 1) }, (_, rank) =>
        likely(`${token.trim()}${rank + 1}`, (1 - LIKELY) / 2 ** (rank + 1)),
      );
      const { logprob, bytes } = likely(token, LIKELY);
      return { token, logprob, bytes, top_logprobs: alternatives === 0 ? [] : [{ token, logprob, bytes }, ...others] };
    }),
    refusal: null,
  };
}

const LIKELY = 0.9;

function likely(token: string, probability: number) {
  return { token, logprob: Math.log(probability), bytes: [...Buffer.from(token)] };
}

/** How many alternatives a request wants to see; undefined where it asks for no probabilities. */
export function alternativesOf({ logprobs, top_logprobs: top }: Fields): number | undefined {
  if (logprobs !== true) return undefined;
  return typeof top === "number" ? top : 0;
}
