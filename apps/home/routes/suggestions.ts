import { type Clock, type Database, type Route, route } from "millrace";
import { z } from "zod";
import { decide, listSuggestions, requireSuggestion } from "../suggestions/suggestion-store.ts";
import { homeQuery, IdParams, pageQuery } from "./query.ts";

const Rejection = z.strictObject({ reason: z.string().trim().min(1).max(1_000).optional() });

export function suggestionRoutes({ db, clock }: { readonly db: Database; readonly clock: Clock }): readonly Route[] {
  return [
    route({
      method: "GET",
      path: "/api/home/suggestions",
      summary: "Lists suggestions, newest first.",
      cache: {},
      query: z.object({
        ...pageQuery,
        ...homeQuery,
        status: z.enum(["draft", "approved", "rejected"]).optional(),
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
      summary: "Approves a draft.",
      params: IdParams,
      handle: ({ params: { id } }) => decide(db, { id, status: "approved", now: clock.now() }),
    }),
    route({
      method: "POST",
      path: "/api/home/suggestions/:id/reject",
      summary: "Rejects a draft; its habit is not suggested again.",
      params: IdParams,
      body: Rejection,
      handle: ({ params: { id }, body }) =>
        decide(db, { id, status: "rejected", reason: body.reason, now: clock.now() }),
    }),
  ];
}
