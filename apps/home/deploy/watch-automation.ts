import { type AppHost, automation, on } from "millrace";
import { z } from "zod";
import { type HomeConfig, HomeName } from "../config.ts";
import { connectionOf, type Network } from "../home-assistant/network.ts";
import { linkedHome } from "../source.ts";
import { evictingTables } from "../tables.ts";
import type { Watched } from "./watch.ts";

export const WATCH = "home.watch";

const Input = z.strictObject({ home: HomeName });

const NOTHING: Watched = { changed: 0, removed: 0, firings: 0, reverts: 0, proposed: 0 };

/** Defines the run that looks after what was deployed to a home; the link to the home starts it when automations there were edited. */
export function createWatch(host: AppHost<HomeConfig>, network: Network) {
  const { db, clock, config } = host;
  const tables = evictingTables(host);
  return automation(
    WATCH,
    {
      description: "Notices what was edited or removed in the home of what was deployed to it, and counts its firings.",
      on: [on.manual(Input)],
      concurrency: { limit: 1, key: ({ data }) => data.home },
    },
    async ({ event, step }): Promise<Watched> =>
      await step.run("watch", async (info) => {
        const { home } = event.data;
        const settings = linkedHome(config, home);
        if (settings === undefined) return NOTHING;
        const { watchDeployed } = await import("./watch.ts");
        return await watchDeployed({ connection: connectionOf(settings, network), db, tables, clock, home, ...info });
      }),
  );
}
