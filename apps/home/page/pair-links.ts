import type { PatternView } from "../api.ts";

/** What one device brings about in another, as habits say. */
export interface PairLink {
  readonly from: string;
  readonly to: string;
  /** Of the strongest habit between the two. */
  readonly confidence: number;
  readonly habits: number;
}

/** Joins the habits in which one device follows another, strongest first. A device that goes back by itself links to none. */
export function pairLinks(patterns: readonly PatternView[]): readonly PairLink[] {
  const links = new Map<string, PairLink>();
  for (const { rule } of patterns) {
    const { trigger, action } = rule;
    if (trigger.type !== "state") continue;
    for (const to of action.entity_ids) {
      if (to === trigger.entity_id) continue;
      const key = `${trigger.entity_id} ${to}`;
      const known = links.get(key);
      links.set(key, {
        from: trigger.entity_id,
        to,
        confidence: Math.max(rule.confidence, known?.confidence ?? 0),
        habits: (known?.habits ?? 0) + 1,
      });
    }
  }
  return [...links.values()].toSorted((a, b) => b.confidence - a.confidence || (a.from < b.from ? -1 : 1));
}
