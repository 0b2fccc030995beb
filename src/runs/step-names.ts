import { MillraceError } from "../core/errors.ts";

/** The longest name of a step. */
const MAX_NAME = 200;

/**
 * Gives a step its id: its name, and from the second use in a run on `name#1`, `name#2`. Throws INPUT_INVALID for an empty name, one longer than
 * 200, or one with `#` or `:`, which stand for the use and for an item of a map.
 */
export function createStepNames(): (name: string) => string {
  const uses = new Map<string, number>();
  return (name) => {
    requireStepName(name);
    const use = uses.get(name) ?? 0;
    uses.set(name, use + 1);
    return use === 0 ? name : `${name}#${use}`;
  };
}

function requireStepName(name: string): void {
  if (typeof name === "string" && /^[^#:]+$/.test(name) && name.length <= MAX_NAME) return;
  throw new MillraceError("INPUT_INVALID", `"${name}" cannot name a step.`, {
    advice: `Use 1 to ${MAX_NAME} characters without # and : (a key of step.map may hold anything).`,
  });
}
