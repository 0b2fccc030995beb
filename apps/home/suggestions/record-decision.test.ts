import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { isErrorCode, loadConfig, openHost } from "millrace";
import { createManualClock } from "millrace/testing";
import { home } from "../index.ts";
import { decisionDraft, decisionsFrom, recording } from "./record-decision.ts";
import { decide, type DecideParams } from "./suggestion-store.ts";

const folder = mkdtempSync(join(tmpdir(), "millrace-decisions-"));
after(() => rmSync(folder, { recursive: true }));

const DRAFT = `
  insert into home_suggestions (id, home, rule_id, status, title, description, rationale, category, priority, confidence, rule, sentence,
    source, model, run_id, created_at)
  values (:id, 'main', :id, 'draft', 't', 'd', 'r', 'comfort', 'low', 0.9, '{}', 's', 'rules', 'm', 'run', 1)`;

describe("decisions about suggestions", () => {
  it("are rebuilt from the audit log alone, as the table has them", async () => {
    const clock = createManualClock(1_000);
    const config = await loadConfig({
      apps: [home],
      content: { data: folder, apps: { home: { sample: false } } },
      environment: {},
    });
    const host = await openHost({ config, apps: [home], clock });
    try {
      const { db } = host.store;
      const make = async (decision: Omit<DecideParams, "now">) => {
        clock.jump(10);
        const params = { ...decision, now: clock.now() };
        await decide(recording(db, host.audit, decisionDraft(params)), params);
      };
      for (const id of ["a", "b", "c", "d"]) await db.write([{ sql: DRAFT, params: { id } }]);
      await make({ id: "a", status: "approved", by: "ann" });
      await make({ id: "b", status: "rejected", by: "bob", reason: 'zu früh, "wirklich"' });
      await make({ id: "c", status: "approved", by: "ann" });
      await make({
        id: "c",
        status: "approved",
        by: "bob",
        approval: { optIn: ["lock.door"], accepts: [], replaces: null },
      });
      // Refused or changing nothing: not recorded.
      await assert.rejects(make({ id: "b", status: "approved", by: "eve" }), (error) =>
        isErrorCode(error, "SUGGESTION_STATE"),
      );
      await assert.rejects(make({ id: "a", status: "approved", by: "eve" }), (error) =>
        isErrorCode(error, "SUGGESTION_STATE"),
      );
      await make({ id: "a", status: "approved", by: "ann" });

      const rebuilt = await decisionsFrom(host.audit.entries());
      const rows = await db.all(
        "select id, status, decided_by, decided_at, reason from home_suggestions where status <> 'draft' order by id",
      );
      assert.equal(rows.length, 3);
      assert.deepEqual(
        [...rebuilt].toSorted(([a], [b]) => (a < b ? -1 : 1)),
        rows.map((row) => [
          row["id"],
          {
            status: row["status"],
            decidedBy: row["decided_by"],
            decidedAt: row["decided_at"],
            reason: row["reason"],
          },
        ]),
      );
      assert.equal((await host.audit.list()).total, 4);
      assert.equal((await host.audit.check()).kind, "whole");
    } finally {
      await host.close();
    }
  });
});
