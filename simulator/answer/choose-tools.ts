import type { Question, Tool } from "../question.ts";

/**
 * Decides which tools the model calls: the one it must, or those that the user's last turn speaks of by a word of their name (of four
 * letters or more). Once a tool has answered, the model speaks.
 */
export function chooseTools({ format, tools, turns, hasParallelTools }: Question): readonly Tool[] {
  if (format.kind === "tool") return [format];
  const last = turns.at(-1);
  if (format.kind === "json" || last?.role !== "user") return [];
  const said = last.text.toLowerCase();
  const meant = tools.filter(({ name }) => wordsOf(name).some((word) => said.includes(word)));
  return hasParallelTools ? meant : meant.slice(0, 1);
}

function wordsOf(name: string): readonly string[] {
  return name
    .split(/[^A-Za-z0-9]+|(?<=[a-z])(?=[A-Z])/)
    .filter((word) => word.length >= 4)
    .map((word) => word.toLowerCase());
}
