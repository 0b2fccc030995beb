import { type AuditTrail, type Clock, type Database, type Route, route } from "millrace";
import { z } from "zod";
import { SUGGESTION_STATUSES } from "../api.ts";
import type { Approval } from "../deploy/deployment-store.ts";
import { recording } from "../suggestions/record-decision.ts";
import { decide, type DecideParams, listSuggestions, requireSuggestion } from "../suggestions/suggestion-store.ts";
import { homeQuery, IdParams, pageQuery } from "./query.ts";

const Rejection = z.strictObject({ reason: z.string().trim().min(1).max(1_000).optional() });

const EntityId = z.string().regex(/^[a-z0-9_]+\.[a-z0-9_]+$/, "must be an entity id such as light.hall");

const ApprovalBody = z.strictObject({
  /** Devices that may be acted on although they are locks, heaters and the like. */
  optIn: z.array(EntityId).max(100).optional(),
  /** Automations of the home, by their entities, that may go on contradicting this one. */
  accepts: z.array(EntityId).max(100).optional(),
  /** The hash (from the preview) of an edit in the home that may be overwritten. */
  replaces: z.string().max(64).optional(),
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
}

export function suggestionRoutes({ db, clock, audit }: SuggestionRoutesOptions): readonly Route[] {
  const decideRecorded = (decision: DecideParams) => decide(recording(db, audit, decision), decision);

  return [
    route({
      method: "GET",
      path: "/api/home/suggestions",
      summary: "Lists suggestions, newest first.",
      cache: {},
      query: z.object({
        ...pageQuery,
        ...homeQuery,
        status: z.enum(SUGGESTION_STATUSES).optional(),
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
        decideRecorded({ id, status: "approved", by, approval: toApproval(body), now: clock.now() }),
    }),
    route({
      method: "POST",
      path: "/api/home/suggestions/:id/reject",
      summary: "Rejects a draft; its habit is not suggested again.",
      params: IdParams,
      body: Rejection,
      handle: ({ params: { id }, body, principal: by }) =>
        decideRecorded({ id, status: "rejected", by, reason: body.reason, now: clock.now() }),
    }),
  ];
}
