import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import pg from "pg";
import { createIds } from "../../core/ids.ts";
import { createManualClock, type ManualClock } from "../../core/manual-clock.ts";
import { createSeededRandom } from "../../core/random.ts";
import { START_AT, putOf } from "../contract/bench.ts";
import type { RunRecord, Store } from "../store.ts";
import { openPostgresStore } from "./open.ts";
import { postgresForTests } from "./test-server.ts";

const server = await postgresForTests(process.env);
if (typeof server !== "string") after(() => server.close());

let places = 0;

interface Bench {
  readonly clock: ManualClock;
  readonly left: Store;
  readonly right: Store;
  readonly admit: () => Promise<string>;
  readonly claim: (store: Store) => Promise<RunRecord | undefined>;
  /** Lets the database's clock pass the leases. */
  readonly expire: () => Promise<void>;
  /** Sets the database's clock to so many milliseconds from the right time. */
  readonly setDatabaseClock: (offsetMs: number) => Promise<void>;
  /** Past the store. */
  readonly query: (statement: string) => Promise<void>;
}

async function withTwo(work: (bench: Bench) => Promise<void>): Promise<void> {
  assert.ok(typeof server !== "string");
  const clock = createManualClock(START_AT);
  const ids = createIds({ clock, random: createSeededRandom(1) });
  const url = await server.emptied(`place ${++places}`);
  const open = (): Promise<Store> => openPostgresStore({ url, clock, executes: "many", min: 0, max: 4 });
  const [left, right] = [await open(), await open()];
  const now = clock.now();
  async function query(statement: string): Promise<void> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(statement);
    await client.end();
  }
  const setDatabaseClock = (offsetMs: number): Promise<void> =>
    query(`
      create or replace function millrace.millrace_now() returns bigint language sql volatile as
      $$ select (extract(epoch from clock_timestamp()) * 1000)::bigint + ${offsetMs} $$`);
  try {
    await work({
      clock,
      left,
      right,
      async admit() {
        const id = ids.next();
        await left.runs.admit({ id, automation: "job", event: "{}", now });
        return id;
      },
      async claim(store) {
        const [run] = await store.runs.claim({ workerId: "w", automations: ["job"], limit: 1, now: clock.now() });
        return run;
      },
      async expire() {
        await left.db.write([{ sql: "update runs set lease_until = 0 where status = 'running'" }]);
      },
      setDatabaseClock,
      query,
    });
  } finally {
    await setDatabaseClock(0);
    await left.close();
    await right.close();
  }
}

/** Lets beats pass, and what they ask of the database be answered. */
async function beats(store: Store, clock: ManualClock, count: number): Promise<void> {
  for (let beat = 0; beat < count; beat++) {
    await clock.advance(3_000);
    for (let turn = 0; turn < 4; turn++) await store.describe();
  }
}

describe("runs that several processes execute", { skip: typeof server === "string" ? server : false }, () => {
  it("lets every process own, and gives each run to one of them", async () => {
    await withTwo(async ({ left, right, admit, claim }) => {
      assert.deepEqual([await left.own(), await right.own()], [true, true]);
      const ids = [await admit(), await admit()];
      const claimed = await Promise.all([claim(left), claim(right)]);
      assert.deepEqual(claimed.map((run) => run?.id ?? "").toSorted(), ids);
      assert.deepEqual(await left.runs.recover({ now: 0, crashLimit: 5 }), { queued: 0, failed: [] });
    });
  });

  it("takes over what a process held that beats no more, and refuses its writes", async () => {
    await withTwo(async ({ clock, left, right, admit, claim, expire }) => {
      const id = await admit();
      const lost = await claim(left);
      assert.ok(lost);
      await right.own();
      await expire();
      right.hasOutsideChanges();
      for (let beat = 0; (await right.runs.get(id))?.status !== "queued"; beat++) {
        assert.ok(beat < 50, "it was not taken over");
        await beats(right, clock, 1);
      }
      await beats(right, clock, 1);
      assert.equal(right.hasOutsideChanges(), true, "nobody is told to look");
      const taken = await claim(right);
      assert.deepEqual([taken?.id, taken?.crashes], [id, 1]);
      assert.equal(await left.runs.put(putOf(lost)), "fenced");
      const ending = { status: "done", output: "1" } as const;
      assert.equal(await left.runs.finish({ runId: id, epoch: lost.epoch, ending, now: clock.now() }), false);
    });
  });

  it("leaves runs alone whose process beats", async () => {
    await withTwo(async ({ clock, left, right, admit, claim, expire }) => {
      await admit();
      await left.own();
      await right.own();
      const run = await claim(left);
      assert.ok(run);
      await expire();
      // Both beat at once, before either has been steady for a lease.
      await beats(right, clock, 12);
      assert.deepEqual(await left.runs.lostClaims([{ runId: run.id, epoch: run.epoch }]), []);
    });
  });

  it("does not take its own runs from itself when it is held up for longer than a lease", async () => {
    await withTwo(async ({ clock, left, admit, claim, query }) => {
      await admit();
      await left.own();
      const run = await claim(left);
      assert.ok(run);
      // Whatever is renewed is over by the time somebody looks.
      await query(`
        create function late() returns trigger language plpgsql as $$ begin new.lease_until := 0; return new; end $$;
        create trigger late before update on runs for each row execute function late()`);
      await beats(left, clock, 12);
      const lost = await left.runs.lostClaims([{ runId: run.id, epoch: run.epoch }]);
      await query("drop trigger late on runs; drop function late()");
      assert.deepEqual(lost, []);
    });
  });

  it("tells a process that its claims are lost", async () => {
    await withTwo(async ({ clock, left, right, admit, claim }) => {
      const id = await admit();
      await left.own();
      assert.ok(await claim(left));
      left.hasOutsideChanges();
      await right.runs.cancel({ runId: id, now: clock.now() });
      await beats(left, clock, 1);
      assert.equal(left.hasOutsideChanges(), true);
    });
  });

  it("gives a run up that crashed too often", async () => {
    await withTwo(async ({ clock, left, right, admit, claim, expire }) => {
      const id = await admit();
      assert.ok(await claim(left));
      await right.own();
      await right.runs.recover({ now: START_AT, crashLimit: 1 });
      await expire();
      for (let beat = 0; (await right.runs.get(id))?.endedAt === null; beat++) {
        assert.ok(beat < 50, "it was not given up");
        await beats(right, clock, 1);
      }
      const run = await right.runs.get(id);
      assert.deepEqual([run?.status, run?.error?.code], ["failed", "RUN_CRASHED"]);
    });
  });

  it("takes nothing over as it starts: after an outage whoever lives beats first", async () => {
    await withTwo(async ({ left, right, admit, claim, expire }) => {
      const run = await admit().then(() => claim(left));
      assert.ok(run);
      await expire();
      assert.deepEqual(await right.runs.recover({ now: START_AT, crashLimit: 5 }), { queued: 0, failed: [] });
      assert.deepEqual(await left.runs.lostClaims([{ runId: run.id, epoch: run.epoch }]), []);
    });
  });

  it("moves no run when the clock of the database is set a day ahead", async () => {
    await withTwo(async ({ clock, left, right, admit, claim, setDatabaseClock }) => {
      await admit();
      await left.own();
      const halfBeats = async (count: number): Promise<void> => {
        for (let half = 0; half < count; half++) {
          await clock.advance(1_500);
          for (let turn = 0; turn < 4; turn++) await right.describe();
        }
      };
      await halfBeats(1);
      await right.own();
      const run = await claim(left);
      assert.ok(run);
      // Both beat every other time; the last one is of the process that holds the run.
      await halfBeats(15);
      await setDatabaseClock(86_400_000);
      await halfBeats(20);
      const after = await right.runs.get(run.id);
      assert.deepEqual([after?.status, after?.epoch, after?.crashes], ["running", run.epoch, 0]);
    });
  });

  it("does not wait an hour for a process that is gone when the clock of the database is set back", async () => {
    await withTwo(async ({ clock, left, right, admit, claim, setDatabaseClock }) => {
      await admit();
      assert.ok(await claim(left));
      await right.own();
      await setDatabaseClock(-3_600_000);
      const LEASE = "select lease_until - millrace_now() as left_ms from runs";
      const leftMs = async () => Number((await right.db.get(LEASE))?.["left_ms"]);
      assert.ok((await leftMs()) > 3_000_000);
      for (let beat = 0; (await leftMs()) > 15_000; beat++) {
        assert.ok(beat < 50, "its lease was not shortened");
        await beats(right, clock, 1);
      }
    });
  });
});
