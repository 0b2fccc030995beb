// The daily job as the seed report describes it: the same reading and mining, then one device look-up, one call and one transaction after
// another. Written as one would write it with the official SDK.
import { createIds, createSeededRandom, type Database, systemClock } from "millrace";
import { createLog } from "millrace/testing";
import { openSqliteStore } from "millrace/sqlite";
import OpenAI from "openai";
import { z } from "zod";
import { describeEntity, type EntityDescription } from "../../apps/home/events/describe-entity.ts";
import { importFile } from "../../apps/home/events/import-file.ts";
import { entitiesOf, type Habit } from "../../apps/home/patterns/habit.ts";
import { minePatterns } from "../../apps/home/patterns/mine-patterns.ts";
import { promptOf, SYSTEM } from "../../apps/home/suggestions/prompt.ts";
import type { WordedHabit } from "../../apps/home/suggestions/suggest.ts";
import { storeSuggestions } from "../../apps/home/suggestions/store-suggestions.ts";
import { Words } from "../../apps/home/suggestions/words.ts";

/** Migrations of the home app. */
export const HOME_TABLES = new URL("../../apps/home/tables/", import.meta.url);

export interface SequentialDailyOptions {
  readonly directory: string;
  readonly path: string;
  readonly timezone: string;
  readonly home: string;
  /** Base URL of a server that speaks chat completions, with `/v1`. */
  readonly baseUrl: string;
  readonly maxSuggestions: number;
}

/** Runs the job and gives how many suggestions were stored. */
export async function runSequentialDaily(options: SequentialDailyOptions): Promise<number> {
  const { directory, path, timezone, home, baseUrl, maxSuggestions } = options;
  const clock = systemClock;
  const log = createLog({ level: "warn" });
  const ids = createIds({ clock, random: createSeededRandom(2) });
  const { signal } = new AbortController();
  const store = await openSqliteStore({ directory, clock, log });
  const { db } = store;
  await db.migrate({ owner: "home", directory: HOME_TABLES });
  await importFile({ db, home, path, timezone, clock, signal });
  const runId = ids.next();
  const { habits } = await minePatterns({ db, clock, ids, home, timezone, runId, maxSuggestions, signal, log });
  const client = new OpenAI({ apiKey: "none", baseURL: baseUrl, maxRetries: 0 });
  let stored = 0;
  for (const habit of habits) {
    const answer = await ask(client, habit, db, home);
    stored += (await storeSuggestions({ db, clock, ids, home, runId, answers: [answer], log })).stored;
  }
  await store.close();
  return stored;
}

async function ask(client: OpenAI, habit: Habit, db: Database, home: string): Promise<WordedHabit> {
  const devices = new Map<string, EntityDescription>();
  for (const entityId of entitiesOf(habit)) devices.set(entityId, await describeEntity({ db, home, entityId }));
  const completion = await client.chat.completions.create({
    model: "simulated",
    messages: [
      { role: "system", content: SYSTEM },
      { role: "user", content: promptOf(habit, (entityId) => devices.get(entityId)) },
    ],
    response_format: { type: "json_schema", json_schema: { name: "suggestion", schema: z.toJSONSchema(Words) } },
  });
  const words = Words.parse(JSON.parse(completion.choices[0]?.message.content ?? ""));
  return {
    ruleId: habit.id,
    words,
    source: "provider",
    model: completion.model,
    degraded: null,
    requests: 1,
    usd: null,
  };
}
