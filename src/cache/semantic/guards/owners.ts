import type { Guard } from "./guard.ts";

/** His against hers, theirs against mine. */
export const owners: Guard = {
  name: "owners",
  veto({ owners: a }, { owners: b }) {
    const left = [...a].filter((owner) => !b.has(owner));
    const right = [...b].filter((owner) => !a.has(owner));
    return left.length > 0 && right.length > 0 ? `${left.join()} against ${right.join()}` : undefined;
  },
};
