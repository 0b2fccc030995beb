import { type AppInstance, defineApp } from "millrace";
import { evaluateCommand } from "./commands/evaluate-command.ts";
import { mineCommand } from "./commands/mine-command.ts";
import { HomeConfig } from "./config.ts";
import { createDaily, DAILY } from "./daily.ts";
import { homeRoutes } from "./routes/homes.ts";
import { patternRoutes } from "./routes/patterns.ts";
import { suggestionRoutes } from "./routes/suggestions.ts";
import { hasOwnHome, sourceOf } from "./source.ts";
import { keptTables } from "./tables.ts";

/** The home app: reads a home's history, finds habits, and suggests automations. */
export const home = defineApp<HomeConfig>({
  name: "home",
  config: HomeConfig,
  tables: new URL("./tables/", import.meta.url),
  commands: [mineCommand, evaluateCommand],
  create(host): AppInstance {
    const { db, clock, engine, config, timezone } = host;
    const tables = keptTables(host);
    const source = sourceOf({}, { config, timezone });
    return {
      automations: [createDaily(host)],
      routes: [...patternRoutes(tables), ...suggestionRoutes({ db: tables, clock }), ...homeRoutes(db)],
      async started() {
        if (source === undefined || (source.kind === "sample" && (await hasOwnHome(db)))) return;
        // The key names the home: a restart does not read it again, and a home configured later is read at once.
        const name = source.kind === "sample" ? `sample ${source.seed}` : `file ${source.home}`;
        await engine.trigger(DAILY, undefined, { key: `${DAILY} first ${name}` });
      },
    };
  },
});
