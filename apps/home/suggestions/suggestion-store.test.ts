import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { isErrorCode, text } from "millrace";
import { openSqliteStore } from "millrace/sqlite";
import { createManualClock } from "millrace/testing";
import { exampleRule } from "../patterns/example-rule.ts";
import {
  decide,
  type DraftSuggestion,
  listSuggestions,
  putDrafts,
  requireSuggestion,
  suggestedRules,
  suggestionsPageSql,
} from "./suggestion-store.ts";

const tables = new URL("../tables/", import.meta.url);

describe("suggestions", () => {
  const clock = createManualClock();
  let store: Awaited<ReturnType<typeof openSqliteStore>>;
  before(async () => {
    store = await openSqliteStore({ directory: ":memory:", clock });
    await store.db.migrate({ owner: "home", directory: tables });
  });
  after(() => store.close());

  function draft(id: string, parts: Partial<DraftSuggestion> = {}): DraftSuggestion {
    return {
      id,
      home: "main",
      rule: exampleRule({ id: `rule-${id}` }),
      sentence: "Every day at about 07:10, the lamp turns on.",
      words: { title: "A", description: "B", rationale: "C", category: "comfort", priority: "low" },
      source: "provider",
      model: "test/model",
      degraded: null,
      runId: "run",
      createdAt: clock.now(),
      ...parts,
    };
  }

  it("keeps every field, and reads it back as it was", async () => {
    await putDrafts(store.db, [draft("full", { home: "fields", degraded: "why", source: "rules" })]);
    assert.deepEqual(await requireSuggestion(store.db, "full"), {
      id: "full",
      home: "fields",
      status: "draft",
      title: "A",
      description: "B",
      rationale: "C",
      category: "comfort",
      priority: "low",
      confidence: 0.71,
      rule: exampleRule({ id: "rule-full" }),
      sentence: "Every day at about 07:10, the lamp turns on.",
      source: "rules",
      model: "test/model",
      degraded: "why",
      runId: "run",
      createdAt: new Date(clock.now()).toISOString(),
      decidedAt: null,
      decidedBy: null,
      reason: null,
    });
    await assert.rejects(requireSuggestion(store.db, "none"), (error) => isErrorCode(error, "NOT_FOUND"));
  });

  it("stores a habit's suggestion once, whoever tries again, and lets a bad one not spoil the others", async () => {
    const bad = draft("b2", { home: "twice", words: { ...draft("x").words, title: "" } });
    const first = await putDrafts(store.db, [draft("b1", { home: "twice" }), bad, draft("b3", { home: "twice" })]);
    assert.equal(first.stored, 2);
    assert.deepEqual(
      first.rejected.map(({ ruleId }) => ruleId),
      ["rule-b2"],
    );
    const again = draft("b9", { home: "twice", rule: exampleRule({ id: "rule-b1" }) });
    assert.deepEqual(await putDrafts(store.db, [again]), { stored: 0, known: 1, rejected: [] });
    assert.deepEqual(await suggestedRules(store.db, "twice"), new Set(["rule-b1", "rule-b3"]));
  });

  it("lets exactly one of two people win who decide at once", async () => {
    await putDrafts(store.db, [draft("c1", { home: "decide" })]);
    const outcomes = await Promise.allSettled([
      decide(store.db, { id: "c1", status: "approved", by: "ada", now: 1_000 }),
      decide(store.db, { id: "c1", status: "rejected", by: "ada", reason: "no", now: 2_000 }),
    ]);
    const lost = outcomes.find(({ status }) => status === "rejected");
    assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 1);
    assert.ok(lost?.status === "rejected" && isErrorCode(lost.reason, "SUGGESTION_STATE"));
  });

  it("gives a decision that stands back unchanged, and refuses the opposite one", async () => {
    await putDrafts(store.db, [draft("d1", { home: "decide" })]);
    const decided = await decide(store.db, {
      id: "d1",
      status: "rejected",
      by: "ada",
      reason: "too early",
      now: 1_000,
    });
    assert.deepEqual(
      [decided.status, decided.reason, decided.decidedAt],
      ["rejected", "too early", "1970-01-01T00:00:01.000Z"],
    );
    assert.deepEqual(
      await decide(store.db, { id: "d1", status: "rejected", by: "ada", reason: "other", now: 9_000 }),
      decided,
    );
    await assert.rejects(decide(store.db, { id: "d1", status: "approved", by: "ada", now: 9_000 }), (error) =>
      isErrorCode(error, "SUGGESTION_STATE"),
    );
    await assert.rejects(decide(store.db, { id: "none", status: "approved", by: "ada", now: 9_000 }), (error) =>
      isErrorCode(error, "NOT_FOUND"),
    );
  });

  it("pages newest first through every suggestion once, with the total, within its filters", async () => {
    const ids = Array.from({ length: 7 }, (_, index) => `e${index}`);
    await putDrafts(
      store.db,
      ids.map((id) => draft(id, { home: "pages" })),
    );
    await decide(store.db, { id: "e3", status: "approved", by: "ada", now: 1 });
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await listSuggestions(store.db, { home: "pages", limit: 3, cursor });
      assert.equal(page.total, 7);
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
    assert.deepEqual(seen, ids.toReversed());

    const approved = await listSuggestions(store.db, { home: "pages", status: "approved", limit: 3 });
    assert.deepEqual([approved.items.map(({ id }) => id), approved.total, approved.next], [["e3"], 1, null]);
    const first = await listSuggestions(store.db, { home: "pages", limit: 3 });
    await assert.rejects(listSuggestions(store.db, { home: "other", limit: 3, cursor: first.next ?? "" }), (error) =>
      isErrorCode(error, "CURSOR_INVALID"),
    );
  });

  it("finds every page by an index and sorts nothing", async () => {
    for (const conditions of [[], ["home = :home"], ["status = :status"], ["home = :home", "status = :status"]]) {
      const sql = suggestionsPageSql([...conditions, "id < :before"]);
      const params = { limit: 50, before: "z", home: "a", status: "draft" };
      const used = Object.fromEntries(Object.entries(params).filter(([name]) => sql.includes(`:${name}`)));
      const plan = (await store.db.all(`explain query plan ${sql}`, used)).map((row) => text(row, "detail")).join("; ");
      assert.match(plan, /USING (?:INDEX|COVERING INDEX|PRIMARY KEY)/, plan);
      assert.doesNotMatch(plan, /SCAN|TEMP B-TREE/, plan);
    }
  });
});
