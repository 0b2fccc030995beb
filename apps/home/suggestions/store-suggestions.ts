import type { Clock, Database, Ids, Log } from "millrace";
import { getPatterns } from "../patterns/pattern-store.ts";
import type { WordedHabit } from "./suggest.ts";
import { type DraftSuggestion, putDrafts, type PutDraftsResult } from "./suggestion-store.ts";

export interface StoreSuggestionsParams {
  readonly db: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly home: string;
  readonly runId: string;
  /** Strongest first. */
  readonly answers: readonly WordedHabit[];
  readonly log: Log;
}

/** Stores all suggestions of a run as drafts, in one transaction. What cannot be stored is reported and the others stand. */
export async function storeSuggestions(params: StoreSuggestionsParams): Promise<PutDraftsResult> {
  const { db, clock, ids, home, runId, answers, log } = params;
  const createdAt = clock.now();
  const patterns = await getPatterns(
    db,
    home,
    answers.map(({ ruleId }) => ruleId),
  );
  const drafts: DraftSuggestion[] = [];
  const missing: { readonly ruleId: string; readonly reason: string }[] = [];
  // Lists show the youngest id first, so the strongest habit gets its id last.
  for (const { ruleId, words, source, model, degraded } of answers.toReversed()) {
    const pattern = patterns.get(ruleId);
    if (pattern === undefined) missing.push({ ruleId, reason: "The pattern is kept no more." });
    else drafts.push({ id: ids.next(), home, ...pattern, words, source, model, degraded, runId, createdAt });
  }
  const { stored, known, rejected } = await putDrafts(db, drafts);
  const refused = [...missing, ...rejected];
  if (refused.length > 0) log.warn({ refused }, "suggestions could not be stored");
  return { stored, known, rejected: refused };
}
