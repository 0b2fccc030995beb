import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createLog } from "../../core/log.ts";
import { createManualClock } from "../../core/manual-clock.ts";
import { openSqliteStore } from "./open.ts";

describe("slow statements", () => {
  it("are logged where they read, with their plan, and without what was asked for", async () => {
    const lines: string[] = [];
    const log = createLog({ level: "warn", destination: { write: (line) => void lines.push(line) } });
    const clock = createManualClock();
    // From 0 ms on every read is slow: the clock stands still.
    const store = await openSqliteStore({ directory: ":memory:", clock, log, slowMs: 0 });
    await store.runs.get("hidden-id");
    await store.runs.get("hidden-id");
    await store.close();
    const told = lines.filter((line) => line.includes("from runs where id"));
    assert.equal(told.length, 2);
    assert.match(told[0] ?? "", /a read was slow/);
    assert.match(told[0] ?? "", /SEARCH runs USING INDEX sqlite_autoindex_runs_1/);
    assert.doesNotMatch(told[1] ?? "", /SEARCH/, "a plan is told once");
    assert.doesNotMatch(lines.join(""), /hidden-id/);
  });

  it("are logged where they write, too, the wait for the lock and the commit beside them", async () => {
    const lines: string[] = [];
    const log = createLog({ level: "warn", destination: { write: (line) => void lines.push(line) } });
    const store = await openSqliteStore({ directory: ":memory:", clock: createManualClock(), log, slowMs: 0 });
    const params = { id: "hidden-id", automation: "job", event: "{}", now: 0 };
    await store.runs.admit(params);
    await store.runs.cancel({ runId: "hidden-id", now: 1 });
    await store.runs.cancel({ runId: "hidden-id", now: 2 });
    await store.close();
    const told = lines.filter((line) => line.includes("a write was slow"));
    const cancels = told.filter((line) => line.includes("undoing is null"));
    assert.match(cancels[0] ?? "", /SEARCH runs USING INDEX sqlite_autoindex_runs_1/);
    assert.doesNotMatch(cancels[1] ?? "SEARCH", /SEARCH/, "a plan is told once");
    for (const sql of ["begin immediate", "commit"]) assert.ok(told.some((line) => line.includes(`"sql":"${sql}"`)));
    assert.doesNotMatch(lines.join(""), /hidden-id/);
  });
});
