import { type AuditTrail, type Clock, type Database, type Engine, type Route, route } from "millrace";
import { z } from "zod";
import { type RevisionView, SUGGESTION_STATUSES } from "../api.ts";
import type { Approval } from "../deploy/deployment-store.ts";
import { decisionDraft, recording } from "../suggestions/record-decision.ts";
import { RuleEdit } from "../suggestions/rule-edit.ts";
import {
  decide,
  type DecideParams,
  listSuggestions,
  requireSuggestion,
  SUGGESTION_ORDERS,
} from "../suggestions/suggestion-store.ts";
import { homeQuery, IdParams, pageQuery } from "./query.ts";

/** The version that the person looked at: a rule that was refined since is not decided on unseen. */
const Version = z.int().min(1);
const Rejection = z.strictObject({
  reason: z.string().trim().min(1).max(1_000).optional(),
  version: Version.optional(),
});
const Revision = z.strictObject({
  version: Version,
  edits: z.array(RuleEdit).min(1).max(20),
  /** As it was asked for in words. */
  wish: z.string().trim().min(1).max(500).optional(),
});
const Wish = z.strictObject({ wish: z.string().trim().min(1).max(500) });

const EntityId = z.string().regex(/^[a-z0-9_]+\.[a-z0-9_]+$/, "must be an entity id such as light.hall");

const ApprovalBody = z.strictObject({
  /** Devices that may be acted on although they are locks, heaters and the like. */
  optIn: z.array(EntityId).max(100).optional(),
  /** Automations of the home, by their entities, that may go on contradicting this one. */
  accepts: z.array(EntityId).max(100).optional(),
  /** The hash (from the preview) of an edit in the home that may be overwritten. */
  replaces: z.string().max(64).optional(),
  version: Version.optional(),
});

/** Undefined: nothing is allowed by name. */
function toApproval({ optIn, accepts, replaces }: z.output<typeof ApprovalBody>): Approval | undefined {
  if (optIn === undefined && accepts === undefined && replaces === undefined) return undefined;
  return { optIn: optIn ?? [], accepts: accepts ?? [], replaces: replaces ?? null };
}

export interface SuggestionRoutesOptions {
  readonly db: Database;
  readonly clock: Clock;
  /** Where decisions are recorded, in the transaction of each. */
  readonly audit: Pick<AuditTrail, "beside">;
  readonly engine: Pick<Engine, "trigger">;
}

export function suggestionRoutes({ db, clock, audit, engine }: SuggestionRoutesOptions): readonly Route[] {
  const decideRecorded = (decision: DecideParams) => decide(recording(db, audit, decisionDraft(decision)), decision);

  return [
    route({
      method: "GET",
      path: "/api/home/suggestions",
      summary: "Lists suggestions, newest first, or the best first (`order=rank`).",
      cache: {},
      query: z.object({
        ...pageQuery,
        ...homeQuery,
        status: z.enum(SUGGESTION_STATUSES).optional(),
        order: z.enum(SUGGESTION_ORDERS).optional(),
      }),
      handle: ({ query }) => listSuggestions(db, query),
    }),
    route({
      method: "GET",
      path: "/api/home/suggestions/:id",
      summary: "Gives one suggestion.",
      cache: {},
      params: IdParams,
      handle: ({ params: { id } }) => requireSuggestion(db, id),
    }),
    route({
      method: "POST",
      path: "/api/home/suggestions/:id/approve",
      summary: "Approves a suggestion, and what it may do that needs to be allowed by name.",
      params: IdParams,
      body: ApprovalBody,
      handle: ({ params: { id }, body, principal: by }) =>
        decideRecorded({
          id,
          status: "approved",
          by,
          approval: toApproval(body),
          version: body.version,
          now: clock.now(),
        }),
    }),
    route({
      method: "POST",
      path: "/api/home/suggestions/:id/reject",
      summary: "Rejects a draft; its habit is not suggested again.",
      params: IdParams,
      body: Rejection,
      handle: ({ params: { id }, body, principal: by }) =>
        decideRecorded({ id, status: "rejected", by, ...body, now: clock.now() }),
    }),
    route({
      method: "POST",
      path: "/api/home/suggestions/:id/retire",
      summary:
        "Gives up a suggestion that was approved once and does not stand in the home; its habit is not suggested again.",
      params: IdParams,
      body: Rejection,
      handle: ({ params: { id }, body, principal: by }) =>
        decideRecorded({ id, status: "retired", by, ...body, now: clock.now() }),
    }),
    route({
      method: "POST",
      path: "/api/home/suggestions/:id/refine",
      summary: "Has a wish read as edits of the rule, in a run whose output they are. Changes nothing.",
      params: IdParams,
      body: Wish,
      status: 202,
      async handle({ params: { id }, body: { wish } }): Promise<{ readonly runId: string }> {
        await requireSuggestion(db, id);
        const { REFINE_RUN } = await import("../suggestions/refine-automation.ts");
        const { runId } = await engine.trigger(REFINE_RUN, { suggestion: id, wish });
        return { runId };
      },
    }),
    route({
      method: "POST",
      path: "/api/home/suggestions/:id/revise",
      summary: "Changes the rule by edits, as a new version that waits for a decision.",
      params: IdParams,
      body: Revision,
      async handle({ params: { id }, body, principal: by, signal }) {
        const { revise } = await import("../suggestions/revise.ts");
        return await revise({ db, audit, id, ...body, by, now: clock.now(), signal });
      },
    }),
    route({
      method: "GET",
      path: "/api/home/suggestions/:id/revisions",
      summary: "Lists the versions of a suggestion that was refined, youngest first.",
      params: IdParams,
      async handle({ params: { id } }): Promise<{ readonly items: readonly RevisionView[] }> {
        await requireSuggestion(db, id);
        const { listRevisions } = await import("../suggestions/revise.ts");
        return { items: await listRevisions(db, id) };
      },
    }),
  ];
}
