import type { Prepared } from "../text/prepare.ts";
import type { Guard } from "./guard.ts";
import { differenceOf } from "./multiset.ts";

/** Words that narrow what is asked, wherever they stand. */
const NARROWING = new Set(
  "only solely exclusively besides some most few several nearly almost partly partially mostly else another other either neither none half too enough".split(
    " ",
  ),
);
/** Words for all there is, each with what it stands for: a paraphrase may leave them out, not trade them. */
const WHOLE: ReadonlyMap<string, string> = new Map([
  ["all", "all"],
  ["every", "all"],
  ["each", "all"],
  ["both", "both"],
  ["any", "any"],
  ["one", "one"],
]);

/** "Only", "some" and their kin stand on both sides or on none; "all" is not traded for "any". */
export const qualifiers: Guard = {
  name: "qualifiers",
  veto(a, b) {
    const narrowed = differenceOf(narrowing(a), narrowing(b));
    if (narrowed !== undefined) return narrowed;
    if (isAlternative(a) !== isAlternative(b) && a.hasList && b.hasList) return "and against or";
    const [left, right] = [whole(a), whole(b)];
    return left.length > 0 && right.length > 0 ? differenceOf(left, right) : undefined;
  },
};

function narrowing({ sequence }: Prepared): string[] {
  return sequence.flatMap((word, at) => {
    const [before = "", after = ""] = [sequence[at - 1], sequence[at + 1]];
    if (word === "just") return WITH.test(before) ? ["only"] : [];
    const isNarrowing =
      word === "also" ? !GOING_ON.test(before) : word === "even" ? WHETHER.test(after) : NARROWING.has(word);
    return isNarrowing ? [word] : [];
  });
}

/** "With just a card", but "I just want". */
const WITH = /^(?:with|by|for|in|on|at|from|to|of)$/;
/** "Also, how do I pay" and "could you also tell" only go on; "can I also pay by card" asks for more. */
const GOING_ON = /^(?:|and|but|you)$/;
/** "Even if I cancel". */
const WHETHER = /^(?:if|when|though|without)$/;

function whole({ sequence }: Prepared): string[] {
  return [...new Set(sequence.flatMap((word) => WHOLE.get(word) ?? []))];
}

function isAlternative({ sequence }: Prepared): boolean {
  return sequence.includes("or");
}
