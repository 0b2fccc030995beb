import { unmatched } from "./alignment.ts";
import type { Guard } from "./guard.ts";

/** Guard 8: no content word is on one side only. */
export const insertion: Guard = {
  name: "insertion",
  veto(a, b) {
    const extra = [...unmatched(a.content, b.content), ...unmatched(b.content, a.content)].filter(
      ({ isSoft }) => !isSoft,
    );
    return extra.length === 0 ? undefined : `${extra.map(({ text }) => text).join(" ")} on one side only`;
  },
};
