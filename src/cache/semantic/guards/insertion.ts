import { isAskedFor } from "./comparison.ts";
import type { Guard, GuardContext } from "./guard.ts";

/** Guard 8: no content word is on one side only, unless the grammar of the other side says it. */
export const insertion: Guard = { name: "insertion", veto: (_a, _b, context) => describe(extraOf(context)) };

/** The same, but the verb of a question for what or whether may be on one side only, and the noun of "which artist" against "who". */
export const restriction: Guard = {
  name: "restriction",
  veto(a, b, context) {
    const mayDropVerb = [a, b].every(({ question: { kind } }) => kind === "what" || kind === "yes-no");
    const extra = extraOf(context).filter(
      (word) => !(mayDropVerb && word.isVerbal) && !isAskedFor(word, a, b) && !isAskedFor(word, b, a),
    );
    return describe(extra);
  },
};

function extraOf({ left, right }: GuardContext) {
  return [...left, ...right];
}

function describe(extra: readonly { readonly text: string }[]): string | undefined {
  return extra.length === 0 ? undefined : `${extra.map(({ text }) => text).join(" ")} on one side only`;
}
