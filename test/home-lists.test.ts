import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import type { PatternView, SuggestionView } from "../apps/home/api.ts";
import { exampleRule } from "../apps/home/patterns/example-rule.ts";
import { listPatterns, putPatterns } from "../apps/home/patterns/pattern-store.ts";
import { decide, listSuggestions, putDrafts, requireSuggestion } from "../apps/home/suggestions/suggestion-store.ts";
import { evictingTables, keptTables } from "../apps/home/tables.ts";
import { createCache } from "../src/cache/create-cache.ts";
import { createMemoryLevel } from "../src/cache/memory/memory-level.ts";
import { createQueryCache } from "../src/cache/query-cache.ts";
import { openSqliteBackend } from "../src/cache/sqlite/open.ts";
import { systemClock } from "../src/core/clock.ts";
import { createIds } from "../src/core/ids.ts";
import { systemRandom } from "../src/core/random.ts";
import type { Page } from "../src/http/route.ts";
import { openSqliteStore } from "../src/store/sqlite/open.ts";
import type { Database, Store } from "../src/store/store.ts";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const TABLES = new URL("../apps/home/tables/", import.meta.url);
const DRAFTS = 6;
const clock = systemClock;

async function openStore(directory: string): Promise<Store> {
  const store = await openSqliteStore({ directory, clock });
  await store.db.migrate({ owner: "home", directory: TABLES });
  return store;
}

async function addHabits(db: Database, count: number, home = "main"): Promise<void> {
  const rules = Array.from({ length: count }, (_, index) => exampleRule({ id: `rule-${home}-${index}` }));
  const sentence = "Every day at about 07:10, the lamp turns on.";
  const patterns = rules.map((rule, index) => ({ id: `pattern-${home}-${index}`, rule, sentence }));
  await putPatterns({ db, home, runId: "run", now: 0, patterns });
  await putDrafts(
    db,
    rules.map((rule, index) => ({
      id: `draft-${home}-${index}`,
      home,
      rule,
      sentence,
      words: { title: "A", description: "B", rationale: "C", category: "comfort", priority: "low" },
      source: "rules",
      model: "rules",
      degraded: "none",
      runId: "run",
      createdAt: 0,
    })),
  );
}

describe("the lists of habits and suggestions", () => {
  it("read the database once, until one of their tables is written", async () => {
    const store = await openStore(":memory:");
    let reads: string[] = [];
    const db: Database = {
      ...store.db,
      get: (sql, params) => (reads.push(sql), store.db.get(sql, params)),
      all: (sql, params) => (reads.push(sql), store.db.all(sql, params)),
    };
    const ids = createIds({ clock, random: systemRandom });
    const backend = await openSqliteBackend({ db: store.db, clock, ids });
    const cache = createCache({ memory: createMemoryLevel(), backend, clock, random: systemRandom });
    const host = { db, queries: createQueryCache({ cache, db }) };
    const kept = keptTables(host);
    await addHabits(evictingTables(host), 3);

    async function statements(read: () => Promise<unknown>): Promise<number> {
      reads = [];
      await read();
      return reads.length;
    }
    const lists = {
      suggestions: () => listSuggestions(kept, { limit: 50 }),
      one: () => requireSuggestion(kept, "draft-main-0"),
      patterns: () => listPatterns(kept, { limit: 50 }),
    };
    const counts = async (): Promise<readonly number[]> => [
      await statements(lists.suggestions),
      await statements(lists.one),
      await statements(lists.patterns),
    ];
    const written = [2, 1, 2];
    assert.deepEqual(await counts(), written);
    assert.deepEqual(await counts(), [0, 0, 0]);
    await decide(kept, { id: "draft-main-0", status: "approved", by: "ada", now: 1 });
    // The decision answered with the suggestion as it is now, so that one is known.
    assert.deepEqual(await counts(), [2, 0, 2]);
    await addHabits(evictingTables(host), 1, "other");
    assert.deepEqual(await counts(), written);
    assert.deepEqual(await counts(), [0, 0, 0]);
    assert.equal((await lists.suggestions()).total, 4);
    await cache.close();
    await store.close();
  });
});

describe("two servers on one data folder", () => {
  let folder = "";
  let servers: readonly [string, string] = ["", ""];
  const children: ChildProcess[] = [];
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "millrace-lists-"));
    writeFileSync(join(folder, "millrace.config.ts"), "export default { apps: { home: { sample: false } } };");
    const store = await openStore(join(folder, "data"));
    await addHabits(store.db, DRAFTS);
    await store.close();
    servers = [await start(), await start()];
  });
  after(async () => {
    for (const child of children) {
      child.kill("SIGKILL");
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    }
    rmSync(folder, { recursive: true, force: true });
  });

  async function start(): Promise<string> {
    const { PATH, HOME } = process.env;
    const args = ["--conditions=millrace-source", MAIN, "start", "--port", "0", "--json"];
    const child = spawn(process.execPath, args, {
      cwd: folder,
      env: { PATH, HOME },
      stdio: ["ignore", "pipe", "inherit"],
    });
    children.push(child);
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    return (JSON.parse(line.toString()) as { url: string }).url;
  }

  async function get<T>(url: string): Promise<{ readonly body: T; readonly from: string | null }> {
    const answer = await fetch(url);
    return { body: (await answer.json()) as T, from: answer.headers.get("x-cache") };
  }

  it("show what either of them decided in the very next answer of the other", async () => {
    for (let index = 0; index < DRAFTS; index++) {
      const [decider, watcher] = index % 2 === 0 ? servers : [servers[1], servers[0]];
      const lists = [
        `${watcher}/api/home/suggestions`,
        `${watcher}/api/home/suggestions/draft-main-${index}`,
        `${watcher}/api/home/patterns`,
      ] as const;
      for (const url of lists) {
        await get(url);
        assert.equal((await get(url)).from, "hit", url);
      }
      const decided = await fetch(`${decider}/api/home/suggestions/draft-main-${index}/approve`, { method: "POST" });
      assert.equal(decided.status, 200);
      const list = await get<Page<SuggestionView>>(lists[0]);
      const { status } = list.body.items.find(({ id }) => id === `draft-main-${index}`) ?? {};
      assert.deepEqual([status, list.from], ["approved", "miss"]);
      assert.equal((await get<SuggestionView>(lists[1])).body.status, "approved");
      assert.equal((await get<Page<PatternView>>(lists[2])).body.total, DRAFTS);
    }
  });

  it("show a run that the other one started in the very next answer", async () => {
    const [owner, guest] = servers;
    for (const url of [`${owner}/api/runs`, `${owner}/api/automations`]) {
      const answer = await fetch(`${guest}/api/automations/home.daily/runs`, { method: "POST" });
      const { id } = (await answer.json()) as { id: string };
      assert.match(JSON.stringify((await get(url)).body), new RegExp(id));
    }
  });
});
