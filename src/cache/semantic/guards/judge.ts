import type { Prepared } from "../text/prepare.ts";
import { isOpposite } from "../words/related.ts";
import { compare } from "./comparison.ts";
import { entities } from "./entities.ts";
import { exactTerms } from "./exact-terms.ts";
import { grammaticalNumber } from "./grammatical-number.ts";
import type { Guard, GuardContext } from "./guard.ts";
import { insertion, restriction } from "./insertion.ts";
import { minimalPair } from "./minimal-pair.ts";
import { negation } from "./negation.ts";
import { numbers } from "./numbers.ts";
import { order } from "./order.ts";
import { overlap } from "./overlap.ts";
import { owners } from "./owners.ts";
import { polarity } from "./polarity.ts";
import { prepositions } from "./prepositions.ts";
import { qualifiers } from "./qualifiers.ts";
import { questionKind } from "./question-kind.ts";
import { quotes } from "./quotes.ts";

/**
 * How far two prompts may differ. `strict`, the default: no content word on one side only, unless the grammar of the other side says it.
 * `balanced`: the verb of a question for what or whether may be on one side only; for texts that a person reads. `exact-terms`: the same
 * content words, no synonyms. A prompt that is not English is always held to `exact-terms`.
 */
export type SimilarMode = "strict" | "balanced" | "exact-terms";

export interface Verdict {
  /** Names of the guards that ran, in order. */
  readonly guards: readonly string[];
  readonly veto: { readonly guard: string; readonly reason: string } | undefined;
}

const BALANCED: readonly Guard[] = [
  numbers,
  quotes,
  negation,
  questionKind,
  owners,
  qualifiers,
  polarity,
  entities,
  grammaticalNumber,
  prepositions,
  order,
  minimalPair,
  overlap,
];
const GUARDS: Readonly<Record<SimilarMode, readonly Guard[]>> = {
  balanced: [...BALANCED, restriction],
  strict: [...BALANCED, insertion],
  "exact-terms": [
    numbers,
    quotes,
    negation,
    questionKind,
    owners,
    qualifiers,
    polarity,
    exactTerms,
    grammaticalNumber,
    prepositions,
    order,
  ],
};

type Opposites = Pick<GuardContext, "isOpposite">;
const PLAIN: Opposites = { isOpposite };

/** Runs the guards of a mode until one objects. */
export function judge(a: Prepared, b: Prepared, mode: SimilarMode, { isOpposite }: Opposites = PLAIN): Verdict {
  const context: GuardContext = { ...compare(a, b), isOpposite };
  const guards: string[] = [];
  for (const guard of GUARDS[a.isEnglish && b.isEnglish ? mode : "exact-terms"]) {
    guards.push(guard.name);
    const reason = guard.veto(a, b, context);
    if (reason !== undefined) return { guards, veto: { guard: guard.name, reason } };
  }
  return { guards, veto: undefined };
}
