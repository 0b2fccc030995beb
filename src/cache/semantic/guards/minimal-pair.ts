import { isVerb } from "../words/related.ts";
import { changedHunks } from "./alignment.ts";
import type { Guard } from "./guard.ts";

/** Content words beyond which places are not compared: a long text with words exchanged is another text. */
const LONG = 64;

/** Guard 7: no word was put in the place of another that is no synonym. In one place any word counts, in several places those for things. */
export const minimalPair: Guard = {
  name: "minimal-pair",
  veto(a, b, { left, right }) {
    if (left.length === 0 || right.length === 0) return undefined;
    const reason = `${left.map(({ text }) => text).join(" ")} against ${right.map(({ text }) => text).join(" ")}`;
    if ((left.length === 1 && right.length === 1) || a.content.length > LONG) return reason;
    if (left.some(({ stem }) => !isVerb(stem)) && right.some(({ stem }) => !isVerb(stem))) return reason;
    const hunks = changedHunks(
      a.content.filter(({ weight }) => weight !== "soft"),
      b.content.filter(({ weight }) => weight !== "soft"),
    ).filter((hunk) => hunk.left.length > 0 && hunk.right.length > 0);
    return hunks.some(
      (hunk) => hunk.left.length <= 2 && hunk.right.length <= 2 && hunk.left.some((word) => left.includes(word)),
    )
      ? reason
      : undefined;
  },
};
