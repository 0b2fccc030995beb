import type { Ai, Source } from "millrace";
import type { DeviceContext } from "../contexts/contexts.ts";
import { entitiesOf, type Habit } from "../patterns/habit.ts";
import { namedIn } from "../backtest/named-in.ts";
import { cleanWords, mistakeOfWords, type NamedDevice } from "./check-words.ts";
import { promptOf, SYSTEM } from "./prompt.ts";
import { Words } from "./words.ts";
import { writeWords } from "./write-words.ts";

/** The words for one habit and where they came from. */
export interface WordedHabit {
  readonly ruleId: string;
  readonly words: Words;
  readonly source: Source;
  readonly model: string;
  readonly degraded: string | null;
  readonly requests: number;
  readonly usd: number | null;
}

export interface SuggestParams {
  readonly ai: Pick<Ai, "object">;
  readonly habit: Habit;
  readonly devices: readonly DeviceContext[];
  /** All that the home has: the text may name none of them but those of the rule. */
  readonly known?: readonly NamedDevice[];
  readonly model: string;
  readonly signal: AbortSignal;
}

/**
 * Has a habit put into words. The rule is settled before and stays as it is: a text that names a foreign device is replaced by the rule-based
 * one and marked so, and so is the text of a model that gave none.
 */
export async function suggest({ ai, habit, devices, known = [], model, signal }: SuggestParams): Promise<WordedHabit> {
  const byId = new Map(devices.map((device) => [device.entityId, device]));
  const factsOf = (entityId: string): DeviceContext | undefined => byId.get(entityId);
  const answer = await ai.object({
    name: "suggestion",
    schema: Words,
    model,
    system: SYSTEM,
    prompt: promptOf(habit, factsOf),
    maxOutputTokens: 600,
    tags: entitiesOf(habit).map((entityId) => `device:${entityId}`),
    rules: () => writeWords(habit, factsOf),
    signal,
  });
  const { requests, usd } = answer;
  const words = cleanWords(answer.value);
  const mistake = answer.source === "rules" ? undefined : mistakeOfWords(words, namedIn(habit), known);
  if (mistake === undefined) {
    const { source, degraded } = answer;
    return { ruleId: habit.id, words, source, model: answer.model, degraded, requests, usd };
  }
  return {
    ruleId: habit.id,
    words: writeWords(habit, factsOf),
    source: "rules",
    model: "rules",
    degraded: mistake,
    requests,
    usd,
  };
}
