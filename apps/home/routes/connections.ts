import { type Database, type Route, route } from "millrace";
import type { ConnectionView } from "../api.ts";
import type { HomeConfig } from "../config.ts";
import { listLinks } from "../home-assistant/link.ts";

export function connectionRoutes(db: Database, { homeAssistant = [] }: HomeConfig): readonly Route[] {
  return [
    route({
      method: "GET",
      path: "/api/home/connections",
      summary: "Tells how the connections to the homes stand.",
      async handle(): Promise<{ readonly items: readonly ConnectionView[] }> {
        const links = new Map((await listLinks(db)).map((link) => [link.home, link]));
        return {
          items: homeAssistant.map(({ name, url }): ConnectionView => {
            const link = links.get(name);
            const readUntil = link?.readUntil ?? null;
            return {
              home: name,
              url,
              state: link?.state ?? "new",
              problem: link?.problem ?? null,
              version: link?.version ?? null,
              readUntil: readUntil === null ? null : new Date(readUntil).toISOString(),
            };
          }),
        };
      },
    }),
  ];
}
