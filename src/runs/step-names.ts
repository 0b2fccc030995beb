import { MillraceError } from "../core/errors.ts";

/** The longest name of a step, and the longest key of an item, in UTF-16 units. */
const MAX_NAME = 200;
const MAX_KEY = 1_000;

/**
 * Gives a step its id: its name, and from the second use in a run on `name#1`, `name#2`. Throws INPUT_INVALID for an empty name, one longer than
 * 200, one with `#` or `:`, which stand for the use and for an item of a map, or with half of a surrogate pair.
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

/** The id of an item of a map. Throws INPUT_INVALID for a key that is no text, is longer than 1,000, or holds half of a surrogate pair. */
export function itemId(mapId: string, key: string): string {
  if (typeof key === "string" && key.length <= MAX_KEY && key.isWellFormed()) return `${mapId}:${key}`;
  throw new MillraceError("INPUT_INVALID", `${shown(key)} cannot be the key of an item of "${mapId}".`, {
    advice: `Give a text of at most ${MAX_KEY} characters, for example an id or a hash.`,
  });
}

function requireStepName(name: string): void {
  if (typeof name === "string" && /^[^#:]+$/.test(name) && name.length <= MAX_NAME && name.isWellFormed()) return;
  throw new MillraceError("INPUT_INVALID", `${shown(name)} cannot name a step.`, {
    advice: `Use 1 to ${MAX_NAME} characters without # and : (a key of step.map may hold them).`,
  });
}

function shown(name: unknown): string {
  return typeof name === "string" ? JSON.stringify(name.slice(0, 100)) : `A ${typeof name}`;
}
