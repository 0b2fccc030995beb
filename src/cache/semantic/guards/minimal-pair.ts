import { isVerb } from "../words/related.ts";
import { changedHunks, unmatched } from "./alignment.ts";
import type { Guard } from "./guard.ts";

/** Guard 7: no word was put in the place of another that is no synonym. In one place any word counts, in several places those for things. */
export const minimalPair: Guard = {
  name: "minimal-pair",
  veto(a, b) {
    const left = unmatched(a.content, b.content).filter(({ isSoft }) => !isSoft);
    const right = unmatched(b.content, a.content).filter(({ isSoft }) => !isSoft);
    if (left.length === 0 || right.length === 0) return undefined;
    const reason = `${left.map(({ text }) => text).join(" ")} against ${right.map(({ text }) => text).join(" ")}`;
    if (left.length === 1 && right.length === 1) return reason;
    if (left.some(({ stem }) => !isVerb(stem)) && right.some(({ stem }) => !isVerb(stem))) return reason;
    const hunks = changedHunks(
      a.content.filter(({ isSoft }) => !isSoft),
      b.content.filter(({ isSoft }) => !isSoft),
    ).filter((hunk) => hunk.left.length > 0 && hunk.right.length > 0);
    return hunks.some(
      (hunk) => hunk.left.length <= 2 && hunk.right.length <= 2 && hunk.left.some((word) => left.includes(word)),
    )
      ? reason
      : undefined;
  },
};
