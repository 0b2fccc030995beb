import { type AppInstance, defineApp } from "millrace";
import { evaluateCommand } from "./commands/evaluate-command.ts";
import { mineCommand } from "./commands/mine-command.ts";
import { HomeConfig } from "./config.ts";
import { createDaily, DAILY } from "./daily.ts";
import { createDeploy, DEPLOY } from "./deploy/deploy-automation.ts";
import { deploymentsOf } from "./deploy/deployment-store.ts";
import { createWatch, WATCH } from "./deploy/watch-automation.ts";
import type { Held } from "./home-assistant/lease.ts";
import { connectionOf, systemNetwork } from "./home-assistant/network.ts";
import { backtestRoutes } from "./routes/backtest.ts";
import { connectionRoutes } from "./routes/connections.ts";
import { deploymentRoutes } from "./routes/deployments.ts";
import { homeRoutes } from "./routes/homes.ts";
import { patternRoutes } from "./routes/patterns.ts";
import { setupRoutes } from "./routes/setup.ts";
import { suggestionRoutes } from "./routes/suggestions.ts";
import { hasOwnHome, type HomeSource, sourceOf } from "./source.ts";
import { createRefine } from "./suggestions/refine-automation.ts";
import { evictingTables, keptTables } from "./tables.ts";

/** The home app: reads a home's history, finds habits, suggests automations, and brings approved ones to Home Assistant. */
export const home = defineApp<HomeConfig>({
  name: "home",
  config: HomeConfig,
  tables: new URL("./tables/", import.meta.url),
  commands: [mineCommand, evaluateCommand],
  create(host): AppInstance {
    const { db, audit, clock, ids, random, log, engine, config, timezone } = host;
    const tables = keptTables(host);
    const network = systemNetwork(clock);
    const { homeAssistant: homes = [] } = config;
    const source = sourceOf({}, { config, timezone });
    const held: Held[] = [];

    /** What a process that died left undone goes on: its key gives the run that there is, or starts it. */
    async function resumeDeployments(): Promise<void> {
      for (const { suggestion, claim } of await deploymentsOf(db, "deploying")) {
        if (claim !== null) await engine.trigger(DEPLOY, { suggestion, claim: claim.id }, { key: claim.id });
      }
    }
    /** Looks after what was deployed to a home, when there is something. */
    async function watchHome(home: string): Promise<void> {
      const standing = [...(await deploymentsOf(db, "deployed")), ...(await deploymentsOf(db, "changed_outside"))];
      if (standing.some((deployment) => deployment.home === home)) await engine.trigger(WATCH, { home });
    }
    async function showPending(url: string): Promise<void> {
      const [{ holdLease }, { startPendingSensor }] = await Promise.all([
        import("./home-assistant/lease.ts"),
        import("./mqtt/pending-sensor.ts"),
      ]);
      const start = ({ session }: { readonly session: string }) =>
        startPendingSensor({ url, clientId: `millrace-${session.slice(-12)}`, db, clock, random, log });
      held.push(holdLease({ name: "pending sensor", db, clock, ids, log, start }));
    }
    async function goLive(): Promise<void> {
      if (config.mqtt !== undefined) await showPending(config.mqtt);
      const wanted = homes.filter((settings) => settings.live);
      if (wanted.length === 0) return;
      const [{ holdLease }, { startLive }] = await Promise.all([
        import("./home-assistant/lease.ts"),
        import("./home-assistant/live.ts"),
      ]);
      for (const settings of wanted) {
        const connection = connectionOf(settings, network);
        const onAutomations = () => watchHome(settings.name);
        const start = () =>
          startLive({
            connection,
            settings,
            network,
            db,
            tables: evictingTables(host),
            clock,
            random,
            log,
            onAutomations,
          });
        held.push(holdLease({ name: `link ${settings.name}`, db, clock, ids, log, start }));
      }
    }
    return {
      automations: [createDaily(host), createDeploy(host, network), createWatch(host, network), createRefine(host)],
      routes: [
        ...patternRoutes(tables),
        ...suggestionRoutes({ db: tables, clock, audit, engine }),
        ...backtestRoutes(db),
        ...deploymentRoutes({ db: evictingTables(host), clock, ids, config, network, engine, audit }),
        ...setupRoutes(network),
        ...connectionRoutes(db, config),
        ...homeRoutes(db),
      ],
      async started() {
        await resumeDeployments();
        await goLive();
        if (source === undefined || (source.kind === "sample" && (await hasOwnHome(db)))) return;
        // The key names the home: a restart does not read it again, and a home configured later is read at once.
        await engine.trigger(DAILY, undefined, { key: `${DAILY} first ${nameOf(source)}` });
      },
      async close() {
        await Promise.all(held.map((each) => each.close()));
      },
      async checks() {
        if (homes.length === 0) return [];
        const { checkHome } = await import("./home-assistant/check-home.ts");
        return await Promise.all(homes.map((settings) => checkHome(settings, network)));
      },
    };
  },
});

function nameOf(source: HomeSource): string {
  switch (source.kind) {
    case "sample":
      return `sample ${source.seed}`;
    case "file":
      return `file ${source.home}`;
    case "home-assistant":
      return `home assistant ${source.settings.name}`;
  }
}
