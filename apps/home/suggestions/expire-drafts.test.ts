import assert from "node:assert/strict";
import { it } from "node:test";
import { openSqliteStore } from "millrace/sqlite";
import { createManualClock } from "millrace/testing";
import type { Rule } from "../domain/rule.ts";
import { exampleRule } from "../patterns/example-rule.ts";
import { expireDrafts } from "./expire-drafts.ts";
import { decide, putDrafts, requireSuggestion } from "./suggestion-store.ts";

const DAY_MS = 86_400_000;
const ruleOf = (id: string): Rule => exampleRule({ id, action: { entity_ids: [`light.${id}`], to: "on" } });

it("a draft expires when its habit was not seen for 30 days, comes back with it, and a decision stays", async () => {
  const clock = createManualClock();
  const store = await openSqliteStore({ directory: ":memory:", clock });
  const { db } = store;
  await db.migrate({ owner: "home", directory: new URL("../tables/", import.meta.url) });
  const words = { title: "A", description: "B", rationale: "C", category: "comfort", priority: "low" } as const;
  for (const id of ["seen", "unseen", "decided"]) {
    const draft = {
      id,
      home: "main",
      rule: ruleOf(id),
      sentence: "s",
      words,
      source: "rules",
      model: "m",
    } as const;
    await putDrafts(db, [{ ...draft, degraded: null, runId: "r", createdAt: 0 }]);
  }
  await decide(db, { id: "decided", status: "approved", by: "ada", now: 1 });
  const see = (id: string, at: number, rule = ruleOf(id)) =>
    db.write([
      {
        sql: `insert into home_patterns (id, home, rule_id, kind, is_current, place, confidence, rule, sentence, run_id, first_seen_at, last_seen_at)
          values (:id, 'main', :rule_id, 'k', 1, 0, 0.5, :rule, 's', 'r', 0, :at)`,
        params: { id: `p-${rule.id}`, rule_id: rule.id, rule: JSON.stringify(rule), at },
      },
    ]);
  const statuses = async () =>
    Promise.all(["seen", "unseen", "decided"].map(async (id) => (await requireSuggestion(db, id)).status));
  await see("seen", 20 * DAY_MS);

  assert.equal(await expireDrafts({ db, home: "main", now: 29 * DAY_MS }), 0);
  assert.equal(await expireDrafts({ db, home: "main", now: 31 * DAY_MS }), 1);
  assert.deepEqual(await statuses(), ["draft", "expired", "approved"]);
  await see("unseen", 40 * DAY_MS);
  await expireDrafts({ db, home: "main", now: 41 * DAY_MS });
  assert.deepEqual(await statuses(), ["draft", "draft", "approved"]);

  // Renamed in the home, or a few minutes later than before: the same habit under another fingerprint.
  await see("seen", 70 * DAY_MS, { ...ruleOf("seen"), id: "seen anew" });
  assert.equal(await expireDrafts({ db, home: "main", now: 71 * DAY_MS }), 1);
  assert.deepEqual(await statuses(), ["draft", "expired", "approved"]);
  await store.close();
});
