import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "node:test";
import * as sql from "./run-sql.ts";

const database = new DatabaseSync(":memory:");
for (const file of [
  "migrations/0001-runs.sql",
  "migrations/0002-calls.sql",
  "migrations/0003-flow.sql",
  "migrations/0005-call-accounts.sql",
  "read-models/0001-counts.sql",
]) {
  database.exec(readFileSync(new URL(file, import.meta.url), "utf8"));
}

function planOf(statement: string): string[] {
  return database
    .prepare(`explain query plan ${statement}`)
    .all()
    .map((row) => String(row["detail"]));
}

/** What each statement must use. The order of a claim comes from the index: no sort. */
const EXPECTED: readonly (readonly [string, string, RegExp])[] = [
  ["wake", sql.WAKE, /SEARCH runs USING (COVERING )?INDEX runs_later \(available_at</],
  ["claim", sql.CLAIM, /SCAN runs USING COVERING INDEX runs_ready/],
  ["block", sql.BLOCK, /SEARCH ready USING COVERING INDEX runs_gated \(automation=/],
  [
    "block: places taken",
    sql.BLOCK,
    /SEARCH holding USING COVERING INDEX runs_holding \(automation=\? AND concurrency_key=/,
  ],
  ["release", sql.RELEASE, /SEARCH blocked USING COVERING INDEX runs_blocked \(automation=\? AND concurrency_key=/],
  ["holders", sql.HOLDERS, /SEARCH runs USING COVERING INDEX runs_holding \(automation=\? AND concurrency_key=/],
  ["wakeWaits", sql.WAKE_WAITS, /SEARCH steps USING COVERING INDEX steps_waiting \(event=\? AND match=/],
  ["wakeParent", sql.WAKE_PARENT, /SEARCH runs USING INDEX sqlite_autoindex_runs_1 \(id=/],
  ["park while waiting: events", sql.PARK_WAITING, /SEARCH events USING INDEX events_by_name \(name=\? AND seq>/],
  ["park while waiting: calls", sql.PARK_WAITING, /SEARCH called USING INDEX sqlite_autoindex_runs_1 \(id=/],
  ["events", sql.EVENTS, /SEARCH events USING INDEX events_by_name \(name=\? AND seq>/],
  ["forgetEvents", sql.FORGET_EVENTS, /SEARCH events USING (COVERING )?INDEX events_by_age \(at</],
  ["forget of a status", sql.FORGET_STATUS, /SEARCH runs USING INDEX runs_by_status \(status=\? AND id</],
  ["debounce", sql.DEBOUNCE.free, /SEARCH|SCAN CONSTANT ROW/],
  ["free what is blocked", sql.FREE_BLOCKED, /USING (COVERING )?INDEX runs_blocked/],
  ["nextDueAt", sql.NEXT_DUE, /SEARCH runs USING COVERING INDEX runs_later \(available_at>/],
  ["steps", sql.STEPS, /SEARCH steps USING PRIMARY KEY \(run=/],
  ["put of what is done", sql.PUT_DONE, /SEARCH runs .*sqlite_autoindex_runs_1 \(id=/],
  ["put", sql.PUT, /SEARCH runs .*sqlite_autoindex_runs_1 \(id=/],
  ["park", sql.PARK, /SEARCH runs USING INDEX sqlite_autoindex_runs_1 \(id=/],
  ["finish", sql.FINISH, /SEARCH runs USING INDEX sqlite_autoindex_runs_1 \(id=/],
  ["cancel", sql.CANCEL, /SEARCH runs USING INDEX sqlite_autoindex_runs_1 \(id=/],
  ["retry", sql.RETRY, /SEARCH runs USING INDEX sqlite_autoindex_runs_1 \(id=/],
  ["recover: give up", sql.FAIL_CRASHED, /SEARCH runs USING INDEX runs_by_status \(status=/],
  ["recover: queue", sql.QUEUE_CRASHED, /SEARCH runs USING (COVERING )?INDEX runs_by_status \(status=/],
  ["get", sql.GET, /SEARCH runs USING INDEX sqlite_autoindex_runs_1 \(id=/],
  ["idsWith", sql.IDS_WITH, /SCAN runs USING COVERING INDEX/],
  ["lostClaims", sql.LOST, /SEARCH runs USING INDEX sqlite_autoindex_runs_1 \(id=/],
  ["findUnfinished", sql.FIND_UNFINISHED, /SEARCH runs USING INDEX runs_by_status \(status=/],
  ["forget", sql.FORGET, /SEARCH runs USING INDEX sqlite_autoindex_runs_1 \(id</],
  ["key", sql.HOLDER_OF_KEY, /SEARCH keys USING PRIMARY KEY \(automation=\? AND key=/],
  ["fire", sql.FIRE, /SEARCH schedules USING PRIMARY KEY \(id=/],
  ["counts", sql.COUNTS, /SCAN run_counts/],
  ["list", sql.LISTS.all.page, /SEARCH runs USING INDEX sqlite_autoindex_runs_1 \(id</],
  ["list all, total", sql.LISTS.all.total, /SCAN run_counts/],
  ["list by automation", sql.LISTS.automation.page, /USING INDEX runs_by_automation \(automation=\? AND id</],
  ["list automation, total", sql.LISTS.automation.total, /SEARCH run_counts USING PRIMARY KEY \(automation=/],
  ["list by status", sql.LISTS.status.page, /USING INDEX runs_by_status \(status=\? AND id</],
  ["list status, total", sql.LISTS.status.total, /SCAN run_counts/],
  ["list by both", sql.LISTS.both.page, /USING INDEX runs_by_status \(status=\? AND id</],
  ["list both, total", sql.LISTS.both.total, /SEARCH run_counts USING PRIMARY KEY \(automation=\? AND status=/],
];

/** One row a finding or a claim at most, and then the order of a sort does not matter. */
const MAY_SORT = new Set(["findUnfinished", "lostClaims", "block", "block: places taken"]);

describe("statements of runs", () => {
  for (const [name, statement, expected] of EXPECTED) {
    it(`finds its rows by an index: ${name}`, () => {
      const plan = planOf(statement);
      assert.ok(
        plan.some((line) => expected.test(line)),
        plan.join("\n"),
      );
      const scans = plan.filter(
        (line) => /^SCAN (runs|steps|keys)\b/.test(line) && !/USING COVERING INDEX|runs_blocked/.test(line),
      );
      assert.deepEqual(scans, [], "it reads a whole table");
      if (!MAY_SORT.has(name)) assert.ok(!plan.some((line) => line.includes("TEMP B-TREE")), plan.join("\n"));
    });
  }
});
