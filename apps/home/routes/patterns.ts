import { type Database, type Route, route } from "millrace";
import { z } from "zod";
import { RULE_KINDS } from "../domain/rule.ts";
import { listPatterns } from "../patterns/pattern-store.ts";
import { homeQuery, pageQuery } from "./query.ts";

export function patternRoutes(db: Database): readonly Route[] {
  return [
    route({
      method: "GET",
      path: "/api/home/patterns",
      summary: "Lists the habits that the latest run found in each home, strongest first.",
      cache: {},
      query: z.object({ ...pageQuery, ...homeQuery, kind: z.enum(RULE_KINDS).optional() }),
      handle: ({ query }) => listPatterns(db, query),
    }),
    route({
      method: "GET",
      path: "/api/home/activity",
      summary: "Counts by weekday and hour when a device of a home changes.",
      query: z.object({ home: z.string().min(1).max(64), entity: z.string().min(1).max(255) }),
      async handle({ query: { home, entity } }) {
        const { activityOf } = await import("../patterns/activity.ts");
        return await activityOf(db, home, entity);
      },
    }),
  ];
}
