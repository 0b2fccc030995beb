import type { Evidence, Occurrence, Rule } from "../domain/rule.ts";

/** A rule to test with: the hall light at 06:40. */
export function exampleRule(
  overrides: Partial<Omit<Rule, "evidence">> & { readonly evidence?: Partial<Evidence> } = {},
): Rule {
  const { evidence, ...rest } = overrides;
  return {
    id: "rule-1",
    kind: "time_of_day",
    trigger: { type: "time", at: "06:40" },
    conditions: [],
    action: { entity_ids: ["light.hall"], to: "on" },
    window_s: 900,
    confidence: 0.8,
    ...rest,
    evidence: {
      days_hit: 43,
      days_possible: 48,
      trials: 48,
      hits: 43,
      p: 1e-20,
      q: 1e-18,
      wilson: 0.78,
      held_out: { hits: 9, misses: 1 },
      chance: 0.04,
      examples: [],
      occurrences: [],
      ...evidence,
    },
  };
}

/** Occurrences on days in a row from a date on; null is a day on which nothing happened. */
export function occurrencesFrom(date: string, minutes: readonly (number | null)[]): Occurrence[] {
  const first = Date.parse(`${date}T00:00:00Z`);
  return minutes.map((minute, index) => ({
    date: new Date(first + index * 86_400_000).toISOString().slice(0, 10),
    minute,
    hit: minute !== null,
  }));
}
