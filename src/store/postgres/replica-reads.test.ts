import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import pg from "pg";
import { systemClock } from "../../core/clock.ts";
import { createIds } from "../../core/ids.ts";
import { createLog } from "../../core/log.ts";
import { createManualClock } from "../../core/manual-clock.ts";
import { createSeededRandom } from "../../core/random.ts";
import { START_AT } from "../contract/bench.ts";
import { openPostgresStore } from "./open.ts";
import { findPostgres, missingPostgres, startTestPostgres } from "./test-postgres.ts";

const bin = findPostgres(process.env);
const reason =
  missingPostgres(bin, process.env["CI"] === "true") ??
  (existsSync(join(bin ?? "", "pg_basebackup")) ? undefined : "there is no pg_basebackup");

describe("a replica for pages of runs", { skip: reason ?? false }, () => {
  it("is read while it follows; the primary is while it is behind or away, and that is said", async () => {
    const primary = await startTestPostgres(bin ?? "");
    const replica = await primary.replica();
    const lines: string[] = [];
    const log = createLog({ level: "info", destination: { write: (line) => void lines.push(line) } });
    const clock = createManualClock(START_AT);
    const ids = createIds({ clock, random: createSeededRandom(1) });
    const store = await openPostgresStore({ url: primary.url, replica: replica.url, clock, log, min: 0, max: 6 });
    const onReplica = new pg.Client({ connectionString: replica.url });
    onReplica.on("error", () => undefined);
    await onReplica.connect();
    const admit = () => store.runs.admit({ id: ids.next(), automation: "job", event: "{}", now: clock.now() });
    const total = async (): Promise<number> => (await store.runs.list({ limit: 1 })).total;
    const stateOf = async () => {
      const { connections } = await store.describe();
      return connections.find(({ name }) => name === "replica")?.settings["state"];
    };
    /** Until the replica has replayed what was written. */
    const followed = async (count: number): Promise<void> => {
      await until("the replica follows", async () => {
        const { rows } = await onReplica.query("select count(*)::int as runs from runs").catch(() => ({ rows: [] }));
        return rows[0]?.runs === count;
      });
    };
    try {
      await admit();
      await followed(1);
      assert.equal(await stateOf(), "in use");
      await onReplica.query("select pg_wal_replay_pause()");
      await admit();
      assert.equal(await total(), 1, "the page did not come from the replica");
      await stateOf();
      await clock.advance(10_001);
      assert.equal(await stateOf(), "behind");
      assert.equal(await total(), 2);
      await onReplica.query("select pg_wal_replay_resume()");
      await followed(2);
      assert.equal(await stateOf(), "in use");
      await onReplica.end();
      await replica.kill();
      await admit();
      assert.equal(await total(), 3);
      assert.equal(await stateOf(), "away");
      const said = lines.filter((line) => line.includes("replica")).map((line) => JSON.parse(line).replica);
      assert.deepEqual(said, ["behind", "in use", "away"]);
      await replica.start();
      await until("it is taken back", async () => (await stateOf()) === "in use");
    } finally {
      await onReplica.end().catch(() => undefined);
      await store.close();
      await replica.close();
      await primary.close();
    }
  });
});

/** Looks until it is so: servers of their own take the time that they take. */
async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (const startedAt = performance.now(); !(await isSo());) {
    assert.ok(performance.now() - startedAt < 60_000, `not within a minute: ${what}`);
    await systemClock.sleep(5);
  }
}
