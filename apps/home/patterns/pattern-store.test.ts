import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { isErrorCode, text } from "millrace";
import { openSqliteStore } from "millrace/sqlite";
import { createManualClock } from "millrace/testing";
import { putDrafts } from "../suggestions/suggestion-store.ts";
import { exampleRule } from "./example-rule.ts";
import { FORGOTTEN_AFTER_MS, getPatterns, listPatterns, patternsPageSql, putPatterns } from "./pattern-store.ts";

const tables = new URL("../tables/", import.meta.url);

describe("patterns", () => {
  let store: Awaited<ReturnType<typeof openSqliteStore>>;
  before(async () => {
    store = await openSqliteStore({ directory: ":memory:", clock: createManualClock() });
    await store.db.migrate({ owner: "home", directory: tables });
  });
  after(() => store.close());

  async function mined(home: string, run: string, now: number, found: Readonly<Record<string, number>>): Promise<void> {
    const patterns = Object.entries(found).map(([ruleId, confidence]) => ({
      id: `${run}-${home}-${ruleId}`,
      rule: exampleRule({ id: ruleId, confidence }),
      sentence: ruleId,
    }));
    await putPatterns({ db: store.db, home, runId: run, now, patterns });
  }

  async function listed(home: string): Promise<readonly string[]> {
    const { items } = await listPatterns(store.db, { home, limit: 50 });
    return items.map(
      ({ rule, firstSeenAt, lastSeenAt }) => `${rule.id} ${Date.parse(firstSeenAt)}-${Date.parse(lastSeenAt)}`,
    );
  }

  it("shows the rules of the latest run, strongest first, with when each was first seen", async () => {
    await mined("a", "run1", 1_000, { x: 0.5, y: 0.9 });
    await mined("a", "run2", 2_000, { z: 0.7, x: 0.8 });
    assert.deepEqual(await listed("a"), ["x 1000-2000", "z 2000-2000"]);
    await mined("a", "run3", 3_000, { y: 0.4 });
    assert.deepEqual(await listed("a"), ["y 1000-3000"]);
    const known = await getPatterns(store.db, "a", ["x", "none", "y"]);
    assert.deepEqual(Object.fromEntries([...known].map(([id, { rule }]) => [id, rule.confidence])), {
      x: 0.8,
      y: 0.4,
    });
  });

  it("forgets a habit that was not found for long, and never one of the latest run", async () => {
    await mined("old", "run1", 1_000, { kept: 0.5, gone: 0.5 });
    await mined("old", "run2", 2_000 + FORGOTTEN_AFTER_MS, { kept: 0.5 });
    assert.deepEqual([...(await getPatterns(store.db, "old", ["gone", "kept"])).keys()], ["kept"]);
    assert.deepEqual(await listed("old"), [`kept 1000-${2_000 + FORGOTTEN_AFTER_MS}`]);
  });

  it("pages through equals without losing or repeating one, and tells which have a suggestion", async () => {
    await mined("p", "run1", 1_000, { a: 0.5, b: 0.5, c: 0.5, d: 0.9, e: 0.5 });
    await putDrafts(store.db, [
      {
        id: "s1",
        home: "p",
        rule: exampleRule({ id: "c" }),
        sentence: "c",
        words: { title: "A", description: "B", rationale: "C", category: "comfort", priority: "low" },
        source: "rules",
        model: "rules",
        degraded: null,
        runId: "run1",
        createdAt: 1_000,
      },
    ]);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await listPatterns(store.db, { home: "p", kind: "time_of_day", limit: 2, cursor });
      assert.equal(page.total, 5);
      seen.push(...page.items.map(({ rule, suggestionId }) => rule.id + (suggestionId ?? "")));
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
    assert.deepEqual(seen, ["d", "a", "b", "cs1", "e"]);
    await assert.rejects(listPatterns(store.db, { home: "p", limit: 2, cursor: "bm9uc2Vuc2U" }), (error) =>
      isErrorCode(error, "CURSOR_INVALID"),
    );
    assert.equal((await listPatterns(store.db, { home: "p", kind: "state_pair", limit: 2 })).total, 0);
  });

  it("finds every page by an index and sorts nothing", async () => {
    const paging = "p.confidence <= :confidence and (p.confidence < :confidence or p.id > :id)";
    for (const conditions of [["p.is_current = 1"], ["p.is_current = 1", "p.home = :home"]]) {
      const sql = patternsPageSql([...conditions, paging]);
      const params = { limit: 50, confidence: 0.5, id: "x", ...(sql.includes(":home") ? { home: "a" } : {}) };
      const plan = (await store.db.all(`explain query plan ${sql}`, params))
        .map((row) => text(row, "detail"))
        .join("; ");
      assert.match(plan, /SEARCH p USING INDEX home_patterns_(?:current|of_home)/, plan);
      assert.doesNotMatch(plan, /SCAN|TEMP B-TREE/, plan);
    }
  });
});
