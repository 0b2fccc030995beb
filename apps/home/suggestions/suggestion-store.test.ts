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
      version: 1,
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
    const suggested = await suggestedRules(store.db, "twice");
    assert.deepEqual(suggested.map(({ id }) => id).sort(), ["rule-b1", "rule-b3"]);
  });

  for (const second of ["rejected", "approved"] as const) {
    it(`lets exactly one of two people win who decide at once: approved and ${second}`, async () => {
      const id = `c-${second}`;
      await putDrafts(store.db, [draft(id, { home: "decide" })]);
      const outcomes = await Promise.allSettled([
        decide(store.db, { id, status: "approved", by: "ada", now: 1_000 }),
        decide(store.db, { id, status: second, by: "bob", now: 2_000 }),
      ]);
      const lost = outcomes.find(({ status }) => status === "rejected");
      const won = outcomes.find(({ status }) => status === "fulfilled");
      assert.ok(lost?.status === "rejected" && isErrorCode(lost.reason, "SUGGESTION_STATE"));
      assert.ok(won?.status === "fulfilled");
      assert.equal((await requireSuggestion(store.db, id)).decidedBy, won.value.decidedBy);
    });
  }

  it("retires what was approved once, and nothing else", async () => {
    await putDrafts(store.db, [draft("r1", { home: "retire" })]);
    const retire = () => decide(store.db, { id: "r1", status: "retired", by: "ada", reason: "moved", now: 2_000 });
    await assert.rejects(retire(), (error) => isErrorCode(error, "SUGGESTION_STATE"));
    await decide(store.db, { id: "r1", status: "approved", by: "ada", now: 1_000 });
    assert.partialDeepStrictEqual(await retire(), { status: "retired", reason: "moved" });
    await assert.rejects(decide(store.db, { id: "r1", status: "approved", by: "ada", now: 3_000 }), (error) =>
      isErrorCode(error, "SUGGESTION_STATE"),
    );
  });

  it("lists the best first when asked, page by page", async () => {
    const words = (priority: "high" | "medium" | "low") =>
      ({ title: "A", description: "B", rationale: "C", category: "comfort", priority }) as const;
    await putDrafts(store.db, [
      draft("k1", { home: "rank", words: words("low") }),
      draft("k2", { home: "rank", words: words("high") }),
      draft("k3", { home: "rank", words: words("medium") }),
      draft("k4", { home: "rank", words: words("high") }),
    ]);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await listSuggestions(store.db, { home: "rank", order: "rank", cursor, limit: 1 });
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
    assert.deepEqual(seen, ["k4", "k2", "k3", "k1"]);
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
      const pages = [
        suggestionsPageSql([...conditions, "id < :before"]),
        suggestionsPageSql([...conditions, "rank <= :rank and (rank < :rank or id < :before)"], "rank"),
      ];
      for (const sql of pages) {
        const params = { limit: 50, before: "z", home: "a", status: "draft", rank: 1 };
        const used = Object.fromEntries(Object.entries(params).filter(([name]) => sql.includes(`:${name}`)));
        const rows = await store.db.all(`explain query plan ${sql}`, used);
        const plan = rows.map((row) => text(row, "detail")).join("; ");
        assert.match(plan, /USING (?:INDEX|COVERING INDEX|PRIMARY KEY)/, plan);
        assert.doesNotMatch(plan, /SCAN|TEMP B-TREE/, plan);
      }
    }
  });
});
