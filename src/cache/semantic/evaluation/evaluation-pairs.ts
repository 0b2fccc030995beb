import { PARAPHRASES } from "./paraphrases.ts";
import { TRAPS } from "./traps.ts";

/** Two prompts, and whether the answer to the first may be served for the second. */
export interface EvaluationPair {
  /** Class of a trap, field of a paraphrase. */
  readonly kind: string;
  readonly a: string;
  readonly b: string;
  readonly isSame: boolean;
}

/** Guards are worked on with the first half and judged by the second. */
export type Half = "development" | "held-out";

/** The pairs of one half: of each kind every second line. */
export function evaluationPairs(half: Half): EvaluationPair[] {
  return [...halfOf(TRAPS, false, half), ...halfOf(PARAPHRASES, true, half)];
}

function halfOf(text: string, isSame: boolean, half: Half): EvaluationPair[] {
  const seen = new Map<string, number>();
  return text
    .trim()
    .split("\n")
    .flatMap((line) => {
      const [, kind = "", a = "", b = ""] = /^([\w-]+): (.+) \| (.+)$/.exec(line) ?? [];
      const count = seen.get(kind) ?? 0;
      seen.set(kind, count + 1);
      return (count % 2 === 0) === (half === "development") ? [{ kind, a, b, isSame }] : [];
    });
}
