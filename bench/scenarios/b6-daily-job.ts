import { mkdirSync, writeFileSync } from "node:fs";
import module from "node:module";
import { join } from "node:path";
import { loadConfig, openHost, systemClock } from "millrace";
import { createSimulator } from "millrace/simulator";
import { openSqliteStore } from "millrace/sqlite";
import { importFile } from "../../apps/home/events/import-file.ts";
import { home } from "../../apps/home/index.ts";
import { sampleHome } from "../../apps/home/sample/sample-home.ts";
import { measurePaired, ratio } from "../harness/paired.ts";
import type { BenchContext, Scenario } from "../harness/scenario.ts";
import { HOME_TABLES, runSequentialDaily } from "../sides/sequential-daily.ts";

const CALLS = 10;
const PARALLEL = 5;
const LATENCY_MS = 1_500;
const IDEAL_MS = Math.ceil(CALLS / PARALLEL) * LATENCY_MS;
const TIMEZONE = "Europe/Amsterdam";
const HOME = "bench";
const DAYS = 70;
const DAY_MS = 86_400_000;
const LAST_DAY = Date.UTC(2026, 9, 20);
const TARGET = 1.1;

/** B6: the daily job of a home against the seed's sequential way and the ideal. */
export const dailyJob: Scenario = {
  id: "B6",
  title: `the daily job, ${CALLS} calls of ${LATENCY_MS / 1_000} s at ${PARALLEL} in parallel`,
  description: `One new day of a simulated home is read, all ${DAYS} days are mined, the ${CALLS} strongest habits are worded by the provider simulator at ${LATENCY_MS / 1_000} s a call, and the suggestions are stored. The sequential way does the same reading and mining, then one look-up, one call by the official SDK and one transaction after another. The ideal is ${IDEAL_MS / 1_000} s: ${CALLS} calls at ${PARALLEL} in parallel and nothing else.`,
  target: `at most ${TARGET} times the ideal, at least 30 % below the sequential way`,
  async run(context) {
    // As the command line does.
    module.enableCompileCache();
    const simulator = createSimulator({ latencyMs: LATENCY_MS, seed: context.seed });
    const baseUrl = `${await simulator.start()}/v1`;
    try {
      const rows = await measurePaired(
        [
          {
            name: "one by one",
            unit: "s",
            measure: (round) =>
              measure(context, `naive-${round}`, (place) =>
                runSequentialDaily({ ...place, baseUrl, maxSuggestions: CALLS }),
              ),
          },
          {
            name: "millrace",
            unit: "s",
            measure: (round) => measure(context, `ours-${round}`, (place) => runDaily({ ...place, baseUrl })),
          },
        ],
        { rounds: 5 },
      );
      const ours = ratio(rows, "millrace", "one by one");
      const toIdeal = ((rows[1]?.value ?? Number.NaN) * 1_000) / IDEAL_MS;
      const ratios = { "to the ideal": toIdeal, "to one by one": ours, "time saved": 1 - ours };
      return { rows, ratios, met: toIdeal <= TARGET && ours <= 0.7 };
    } finally {
      await simulator.stop();
    }
  },
};

interface Place {
  readonly directory: string;
  readonly path: string;
  readonly timezone: string;
  readonly home: string;
}

/** Seconds that a way of doing the job takes, on a folder that knows all days but the last. */
async function measure(
  { directory, seed, say }: BenchContext,
  name: string,
  work: (place: Place) => Promise<number>,
): Promise<number> {
  const place = await prepare(join(directory, name), seed);
  const startedAt = performance.now();
  const stored = await work(place);
  const seconds = (performance.now() - startedAt) / 1_000;
  if (stored !== CALLS) throw new Error(`${name} stored ${stored} suggestions instead of ${CALLS}`);
  say(`${name}: ${seconds.toFixed(2)} s`);
  return seconds;
}

async function prepare(directory: string, seed: number): Promise<Place> {
  mkdirSync(directory, { recursive: true });
  const place = {
    directory: join(directory, "data"),
    path: join(directory, "history.csv"),
    timezone: TIMEZONE,
    home: HOME,
  };
  const from = LAST_DAY - DAYS * DAY_MS;
  const store = await openSqliteStore({ directory: place.directory, clock: systemClock });
  await store.db.migrate({ owner: "home", directory: HOME_TABLES });
  writeHistory(place.path, { seed, from, until: LAST_DAY - DAY_MS });
  await importFile({ db: store.db, clock: systemClock, ...place });
  await store.close();
  writeHistory(place.path, { seed, from, until: LAST_DAY });
  return place;
}

function writeHistory(
  path: string,
  span: { readonly seed: number; readonly from: number; readonly until: number },
): void {
  const { events, entities } = sampleHome({ ...span, timezone: TIMEZONE });
  const facts = new Map(entities.map((entity) => [entity.id, entity]));
  const lines = [...events].map(({ at, entityId, state, cause }) => {
    const { area, deviceClass } = facts.get(entityId) ?? {};
    return [new Date(at).toISOString(), entityId, state, area ?? "", deviceClass ?? "", cause ?? ""].join(",");
  });
  writeFileSync(path, ["time,entity_id,state,area,device_class,cause", ...lines, ""].join("\n"));
}

async function runDaily({
  directory,
  path,
  timezone,
  home: name,
  baseUrl,
}: Place & { readonly baseUrl: string }): Promise<number> {
  const environment = { OPENAI_BASE_URL: baseUrl, MILLRACE_DATA: directory, MILLRACE_TIMEZONE: timezone };
  const config = await loadConfig({ apps: [home], environment, cwd: directory });
  const host = await openHost({ config, apps: [home], only: "home.daily" });
  try {
    await host.start();
    const { runId } = await host.engine.trigger("home.daily", { events: path, timezone, home: name });
    const { output } = await host.engine.ended(runId);
    return (JSON.parse(output ?? "{}") as { suggestions?: number }).suggestions ?? 0;
  } finally {
    await host.close();
  }
}
