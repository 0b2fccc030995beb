import type { Guard } from "./guard.ts";

/** His against hers, theirs against mine. What "you" can do, "I" can. */
export const owners: Guard = {
  name: "owners",
  veto({ owners: a }, { owners: b }) {
    const left = [...a].filter((owner) => !b.has(owner));
    const right = [...b].filter((owner) => !a.has(owner));
    if ([...left, ...right].toSorted().join() === "anyone,first") return undefined;
    return left.length > 0 && right.length > 0 ? `${left.join()} against ${right.join()}` : undefined;
  },
};
