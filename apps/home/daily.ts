import { type AppHost, automation, isErrorCode, type Log, on } from "millrace";
import type { HomeConfig } from "./config.ts";
import { prefetchContexts } from "./contexts/contexts.ts";
import { type DailyInput, dailyInput } from "./daily-input.ts";
import { importSource } from "./import-source.ts";
import { minePatterns } from "./patterns/mine-patterns.ts";
import { connectionOf, systemNetwork } from "./home-assistant/network.ts";
import { hasOwnHome, sourceOf } from "./source.ts";
import type { NamedDevice } from "./suggestions/check-words.ts";
import { expireDrafts } from "./suggestions/expire-drafts.ts";
import { storeSuggestions } from "./suggestions/store-suggestions.ts";
import { suggest } from "./suggestions/suggest.ts";
import { evictingTables } from "./tables.ts";

export const DAILY = "home.daily";

/** What `home.daily` returns. */
export interface DailyResult {
  /** Events that were not known before. */
  readonly events: number;
  /** Lines that could not be read. */
  readonly skipped: number;
  /** Rules that the history holds. */
  readonly patterns: number;
  /** Suggestions that were not there before. */
  readonly suggestions: number;
  /** Rules that should have got a suggestion and did not. */
  readonly failed: number;
  /** Requests that went to a model provider. */
  readonly calls: number;
  /** How many answers came from where. */
  readonly sources: Readonly<Record<string, number>>;
}

const NOTHING: DailyResult = {
  events: 0,
  skipped: 0,
  patterns: 0,
  suggestions: 0,
  failed: 0,
  calls: 0,
  sources: {},
};

/** Defines the daily job of a home: read what is new, find habits, have the strongest ones worded, store them as drafts. */
export function createDaily(host: AppHost<HomeConfig>) {
  const { config, timezone, db, clock, ids, engine } = host;
  const tables = evictingTables(host);
  const linkedHomes = (config.homeAssistant ?? []).map(({ name }) => name);
  const hasHome = config.events !== undefined || linkedHomes.length > 0 || config.sample;
  const network = systemNetwork(clock);
  async function knownZone(input: DailyInput): Promise<string | undefined> {
    const source = sourceOf(input, { config, timezone });
    if (source?.kind !== "file") return undefined;
    const { findHome } = await import("./events/homes.ts");
    return (await findHome(db, source.home))?.timezone;
  }

  /** All that a text could wrongly name. */
  async function devicesOf(home: string): Promise<readonly NamedDevice[]> {
    const [{ entitiesOf }, { requireHome }] = await Promise.all([
      import("./events/entities.ts"),
      import("./events/homes.ts"),
    ]);
    return await entitiesOf(db, (await requireHome(db, home)).key);
  }

  return automation(
    DAILY,
    {
      description: "Reads a home's history, finds habits, and suggests automations for the strongest.",
      on: [
        on.cron("0 3 * * *", config.timezone === undefined ? {} : { timezone: config.timezone }),
        on.manual(dailyInput({ hasHome, linkedHomes, knownZone }), { paths: ["events"] }),
      ],
    },
    async ({ event, step, ai, run }): Promise<DailyResult> => {
      const source = sourceOf(event.type === "manual" ? event.data : {}, { config, timezone });
      if (source === undefined) return NOTHING;
      if (event.type === "cron" && source.kind === "sample" && (await step.run("own-home", () => hasOwnHome(db))))
        return NOTHING;

      if (event.type === "cron" && linkedHomes.length > 1) {
        // Every home has a run of its own, so that they are read side by side and one that is away holds up no other.
        await step.run("other-homes", () =>
          Promise.all(
            linkedHomes.slice(1).map((name) => engine.trigger(DAILY, { home: name }, { key: `${run.id} ${name}` })),
          ),
        );
      }
      const imported = await step.run("import", (info) =>
        importSource({ db, tables, clock, source, network, runId: run.id, ...info }),
      );
      const { home } = imported;
      if (source.kind === "home-assistant") {
        await step.run("watch", async (info) => {
          const { watchDeployed } = await import("./deploy/watch.ts");
          const connection = connectionOf(source.settings, network);
          return await whenReached(() => watchDeployed({ connection, db, tables, clock, home, ...info }), info.log);
        });
      }
      const mined = await step.run("mine", (info) =>
        minePatterns({
          db: tables,
          clock,
          ids,
          home,
          timezone: imported.timezone,
          runId: run.id,
          maxSuggestions: config.maxSuggestions,
          maxEvents: config.maxEvents,
          ...info,
        }),
      );
      let habits = mined.habits;
      if (source.kind === "home-assistant") {
        const done = await step.run("compare", async (info) => {
          const { doneAlready } = await import("./suggestions/done-already.ts");
          const connection = connectionOf(source.settings, network);
          return (await whenReached(() => doneAlready({ connection, habits: mined.habits, ...info }), info.log)) ?? [];
        });
        habits = habits.filter(({ id }) => !done.some(({ ruleId }) => ruleId === id));
      }
      const { devices } = await step.run("contexts", async (info) => {
        const { describerOf } = await import("./events/describe-entity.ts");
        return prefetchContexts({
          habits,
          open: (entityIds) => describerOf({ db, home, entityIds }),
          parallel: config.parallel,
          ...info,
        });
      });
      let known: Promise<readonly NamedDevice[]> | undefined;
      const answers = await step.map(
        "suggest",
        habits,
        async (habit, { signal }) => {
          known ??= devicesOf(home);
          return await suggest({ ai, habit, devices, known: await known, model: config.model, signal });
        },
        { parallel: config.parallel, key: (habit) => habit.id },
      );
      const stored = await step.run("store", (info) =>
        storeSuggestions({ db: tables, clock, ids, home, runId: run.id, answers: answers.done, ...info }),
      );
      await step.run("expire", () => expireDrafts({ db: tables, home, now: clock.now() }));
      return {
        events: imported.events,
        skipped: imported.skipped,
        patterns: mined.patterns,
        suggestions: stored.stored,
        failed: answers.failed.length + stored.rejected.length,
        calls: answers.done.reduce((sum, { requests }) => sum + requests, 0),
        sources: countBy(answers.done.map(({ source }) => source)),
      };
    },
  );
}

/** Whatever the home says is for the next day when it is away. */
async function whenReached<T>(work: () => Promise<T>, log: Log): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    const isAway = isErrorCode(error, "HOME_ASSISTANT_UNREACHABLE") || isErrorCode(error, "HOME_ASSISTANT_REFUSED");
    if (!isAway) throw error;
    log.warn({ error }, "the automations of the home could not be looked at");
    return null;
  }
}

function countBy(names: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
