import { type Database, type Route, route } from "millrace";
import type { HomeView } from "../api.ts";
import { type HomeSummary, listHomes } from "../events/homes.ts";

export function homeRoutes(db: Database): readonly Route[] {
  return [
    route({
      method: "GET",
      path: "/api/home/homes",
      summary: "Lists the homes whose events are known.",
      // Events come in by too many ways to name them all, and counting millions of them takes its time.
      cache: { version: () => db.version() },
      handle: async () => ({ items: (await listHomes({ db })).map(toHomeView) }),
    }),
  ];
}

function toHomeView({ name, timezone, events, entities, firstEventAt, lastEventAt, isSample }: HomeSummary): HomeView {
  return {
    name,
    timezone,
    events,
    entities,
    firstEventAt: toIso(firstEventAt),
    lastEventAt: toIso(lastEventAt),
    isSample,
  };
}

function toIso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
