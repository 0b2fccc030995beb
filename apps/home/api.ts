import type { Source } from "millrace";
import type { Rule, Weekday } from "./domain/rule.ts";
import type { RuleEdit } from "./suggestions/rule-edit.ts";

/* What `/api/home/…` sends. Instants are ISO 8601 in UTC; local times of the home carry no offset. */

/**
 * `draft`: nobody has decided; `refined`: its rule was changed since, and nobody has decided; `retired`: it was approved once and is not wanted any more; `expired`: its habit was not seen for long; `deploying`: a run writes it to the home, or takes it back; `changed_outside`:
 * somebody edited it in the home; `rolled_back`: taken back by us; `removed`: somebody removed it in the home.
 */
export const SUGGESTION_STATUSES = [
  "draft",
  "refined",
  "approved",
  "rejected",
  "retired",
  "expired",
  "deploying",
  "deployed",
  "changed_outside",
  "rolled_back",
  "removed",
] as const;

export type SuggestionStatus = (typeof SUGGESTION_STATUSES)[number];
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

/** An item of `GET /api/home/suggestions?home=&status=&order=&cursor=&limit=`, newest or best first; also the answer to approve, reject, retire and revise. */
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
  /** How often its rule was refined, and one. */
  readonly version: number;
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
  /** Who approved or rejected it. */
  readonly decidedBy: string | null;
  /** What was said on rejecting it. */
  readonly reason: string | null;
}

/** An item of `GET /api/home/suggestions/:id/revisions`: a version of a suggestion that was refined, youngest first. */
export interface RevisionView {
  readonly version: number;
  readonly sentence: string;
  readonly title: string;
  /** Null: the daily job. */
  readonly madeBy: string | null;
  readonly madeAt: string;
  /** The change as it was asked for in words; null: it was set on the page. */
  readonly wish: string | null;
  readonly edits: readonly RuleEdit[];
}

/** `GET /api/home/activity?home=&entity=`: when a device changes, over its latest 20,000 changes. */
export interface ActivityView {
  readonly entityId: string;
  readonly changes: number;
  readonly from: string | null;
  readonly until: string | null;
  /** Monday first; changes by hour of the home's clock, 0 to 23. */
  readonly weekdays: readonly { readonly day: Weekday; readonly hours: readonly number[] }[];
}

/** An item of `POST /api/home/setup/find`. */
export interface FoundHomeView {
  readonly url: string;
  readonly isThere: boolean;
  readonly detail: string;
}

/** Answer to `POST /api/home/setup/test`. */
export interface TestedHomeView {
  readonly isFine: boolean;
  readonly detail: string;
  readonly advice: string | null;
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

/** An automation that would be written, and all that is known against it: `POST /api/home/suggestions/:id/preview`. */
export interface PreviewView {
  /** As Home Assistant would store it. */
  readonly config: unknown;
  readonly yaml: string;
  /** Of its content. */
  readonly hash: string;
  readonly haVersion: string;
  /** Whether a deployment would be let through. */
  readonly isDeployable: boolean;
  /** Broken rules of safety, where in the automation, and how badly: critical and major ones stop a deployment. */
  readonly problems: readonly {
    readonly severity: "critical" | "major" | "minor";
    readonly rule: string;
    readonly path: string;
    readonly message: string;
  }[];
  /** Devices that must be allowed by name: give them as `optIn` with the approval. */
  readonly needsOptIn: readonly string[];
  /** Automations of the home that contradict it: give their entities as `accepts` with the approval, or change them first. */
  readonly conflicts: readonly {
    readonly kind: "duplicate" | "contrary" | "undone" | "loop";
    readonly automation: string;
    readonly alias: string;
    readonly message: string;
  }[];
  /** Devices of the rule that the home does not have any more. */
  readonly missing: readonly string[];
  /** Automations that the home does not give out: they were not compared. */
  readonly unread: readonly string[];
  /** What stands in the home under the same id; null: nothing does. Its hash as `replaces` with the approval lets it be overwritten. */
  readonly current: { readonly yaml: string; readonly hash: string } | null;
}

/** Answer to `POST /api/home/suggestions/:id/deploy` and `…/rollback`: the run that does it, at `/api/runs/:id`. */
export interface StartedDeploymentView {
  readonly runId: string;
  readonly suggestion: SuggestionView;
}

/** `GET /api/home/suggestions/:id/versions`: what became of a suggestion in its home. */
export interface DeploymentView {
  readonly status: SuggestionStatus;
  /** What the home knows the automation by, in every version. */
  readonly automationId: string;
  /** What the home called it; null before it was loaded. */
  readonly entityId: string | null;
  readonly approvedBy: string;
  readonly approvedAt: string;
  readonly optIn: readonly string[];
  readonly accepts: readonly string[];
  /** The version that stands in the home; 0: none. */
  readonly version: number;
  /** Why the last try ended without success. */
  readonly problem: { readonly code: string; readonly message: string; readonly at: string } | null;
  /** How often it fired since it was deployed, and how often a person undid what it did within ten minutes. */
  readonly firings: number;
  readonly reverts: number;
  /** When it was proposed to remove it, because it was undone too often; null: it was not. */
  readonly removalProposedAt: string | null;
  /** Youngest first. */
  readonly versions: readonly {
    readonly version: number;
    readonly yaml: string;
    readonly hash: string;
    readonly haVersion: string;
    readonly approvedBy: string;
    readonly madeAt: string;
    readonly rolledBackAt: string | null;
  }[];
}

/** An item of `GET /api/home/connections`: how the connection to a Home Assistant stands. */
export interface ConnectionView {
  readonly home: string;
  readonly url: string;
  /** `new`: it was never reached. */
  readonly state: "new" | "connected" | "refused" | "unreachable" | "closed";
  /** Why it is not connected. */
  readonly problem: string | null;
  readonly version: string | null;
  /** Up to when its history was read. */
  readonly readUntil: string | null;
}
