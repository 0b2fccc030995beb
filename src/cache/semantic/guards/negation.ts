import { isRelated } from "../words/related.ts";
import type { Guard } from "./guard.ts";

/** Guard 2: as many negations on both sides, and none of them moved to another word that both have. */
export const negation: Guard = {
  name: "negation",
  veto(a, b) {
    if (a.negated.length !== b.negated.length) return `${a.negated.length} negations against ${b.negated.length}`;
    const [left = "", right = ""] = [a.negated[0], b.negated[0]];
    if (a.negated.length !== 1 || isRelated(left, right)) return undefined;
    const isMoved = a.content.some(({ stem }) => stem === right) && b.content.some(({ stem }) => stem === left);
    return isMoved ? `not ${left} against not ${right}` : undefined;
  },
};
