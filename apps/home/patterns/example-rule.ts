import type { Evidence, Rule } from "../domain/rule.ts";

/** A rule for tests; give the parts that matter to the test. */
export function exampleRule(parts: Partial<Rule> & { readonly evidence?: Evidence } = {}): Rule {
  return {
    id: "r1",
    kind: "time_of_day",
    trigger: { type: "time", at: "07:10", weekdays: ["mon", "tue", "wed", "thu", "fri"] },
    conditions: [],
    action: { entity_ids: ["light.kitchen_ceiling"], to: "on" },
    window_s: 900,
    confidence: 0.71,
    evidence: exampleEvidence(),
    ...parts,
  };
}

export function exampleEvidence(parts: Partial<Evidence> = {}): Evidence {
  return {
    days_hit: 41,
    days_possible: 52,
    trials: 42,
    hits: 35,
    p: 1e-20,
    q: 1e-18,
    wilson: 0.71,
    held_out: { hits: 9, misses: 1 },
    chance: 0.04,
    examples: ["2026-03-02T07:08:00"],
    occurrences: [{ date: "2026-03-02", minute: 428, hit: true }],
    ...parts,
  };
}
