import type { Rule } from "../domain/rule.ts";

/** A rule of a rival, which knows no significance: its evidence is left at zero. */
export function baselineRule(
  rule: Pick<Rule, "kind" | "trigger" | "action" | "confidence" | "window_s">,
  { hits, trials }: { readonly hits: number; readonly trials: number },
): Rule {
  const evidence = { days_hit: hits, days_possible: trials, trials, hits, p: 1, q: 1, wilson: 0, chance: 0 };
  return {
    id: "",
    conditions: [],
    ...rule,
    evidence: { ...evidence, held_out: { hits: 0, misses: 0 }, examples: [], occurrences: [] },
  };
}
