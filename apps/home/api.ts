import type { Source } from "millrace";
import type { Rule } from "./domain/rule.ts";

/* What `/api/home/…` sends. Instants are ISO 8601 in UTC; local times of the home carry no offset. */

export type SuggestionStatus = "draft" | "approved" | "rejected";
export type Category = "energy" | "comfort" | "security" | "convenience";
export type Priority = "high" | "medium" | "low";

/** An item of `GET /api/home/patterns?home=&kind=&cursor=&limit=`: a rule of the latest run that mined its home, strongest first. */
export interface PatternView {
  readonly id: string;
  readonly home: string;
  readonly rule: Rule;
  /** The rule as one sentence, made from it without a model. */
  readonly sentence: string;
  /** The suggestion made of it, if there is one. */
  readonly suggestionId: string | null;
  readonly firstSeenAt: string;
  readonly lastSeenAt: string;
}

/** An item of `GET /api/home/suggestions?home=&status=&cursor=&limit=`, newest first; also the answer to approve and reject. */
export interface SuggestionView {
  readonly id: string;
  readonly home: string;
  readonly status: SuggestionStatus;
  readonly title: string;
  readonly description: string;
  readonly rationale: string;
  readonly category: Category;
  readonly priority: Priority;
  /** The rule's Wilson bound, 0 to 1. */
  readonly confidence: number;
  readonly rule: Rule;
  /** The rule as one sentence, made from it without a model. */
  readonly sentence: string;
  /** Who wrote the words. */
  readonly source: Source;
  readonly model: string;
  /** Why the words are not a model's; null when they are. */
  readonly degraded: string | null;
  readonly runId: string;
  readonly createdAt: string;
  readonly decidedAt: string | null;
  /** What was said on rejecting it. */
  readonly reason: string | null;
}

/** `GET /api/home/homes`. */
export interface HomeView {
  readonly name: string;
  readonly timezone: string;
  readonly events: number;
  readonly entities: number;
  readonly firstEventAt: string | null;
  readonly lastEventAt: string | null;
  /** True for the made-up home that runs when nothing is configured. */
  readonly isSample: boolean;
}
