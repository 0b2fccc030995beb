import type { Guard } from "./guard.ts";

/** His against hers, theirs against mine. Him or her on one side alone. What "you" can do, "I" can. */
export const owners: Guard = {
  name: "owners",
  veto({ owners: a }, { owners: b }) {
    const left = [...a].filter((owner) => !b.has(owner));
    const right = [...b].filter((owner) => !a.has(owner));
    const third = [...left, ...right].find((owner) => owner === "he" || owner === "she");
    if (third !== undefined && (a.size === 0 || b.size === 0)) return `${third} on one side only`;
    if ([...left, ...right].toSorted().join() === "anyone,first") return undefined;
    return left.length > 0 && right.length > 0 ? `${left.join()} against ${right.join()}` : undefined;
  },
};
