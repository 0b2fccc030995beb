import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { systemClock } from "../../core/clock.ts";
import { createIds } from "../../core/ids.ts";
import { createManualClock, type ManualClock } from "../../core/manual-clock.ts";
import { createSeededRandom } from "../../core/random.ts";
import { number } from "../row.ts";
import type { AdmitParams, Store } from "../store.ts";
import { START_AT } from "../contract/bench.ts";
import { openPostgresStore } from "./open.ts";
import { postgresForTests } from "./test-server.ts";

const server = await postgresForTests(process.env);
if (typeof server !== "string") after(() => server.close());

let places = 0;

interface Bench {
  readonly clock: ManualClock;
  readonly store: Store;
  readonly open: (dispatch?: "pg-boss" | "table") => Promise<Store>;
  readonly admit: (params?: Partial<AdmitParams>, store?: Store) => Promise<string>;
  readonly claim: (automations?: readonly string[], store?: Store) => Promise<readonly string[]>;
  readonly jobs: () => Promise<number>;
}

async function withStore(work: (bench: Bench) => Promise<void>): Promise<void> {
  assert.ok(typeof server !== "string");
  const clock = createManualClock(START_AT);
  const ids = createIds({ clock, random: createSeededRandom(1) });
  const url = await server.emptied(`jobs ${++places}`);
  const opened: Store[] = [];
  const open: Bench["open"] = async (dispatch = "pg-boss") => {
    const store = await openPostgresStore({ url, clock, dispatch, executes: "many", min: 0, max: 4 });
    opened.push(store);
    return store;
  };
  const first = await open();
  try {
    await work({
      clock,
      store: first,
      open,
      async admit(params = {}, store = first) {
        const id = ids.next();
        await store.runs.admit({ id, automation: "job", event: "{}", now: clock.now(), ...params });
        return id;
      },
      async claim(automations = ["job"], store = first) {
        const runs = await store.runs.claim({ workerId: "w", automations, limit: 10, now: clock.now() });
        return runs.map(({ id }) => id);
      },
      async jobs() {
        const row = await first.db.get("select count(*) as jobs from pgboss.job");
        return row === undefined ? -1 : number(row, "jobs");
      },
    });
  } finally {
    for (const store of opened) await store.close();
  }
}

describe("jobs of runs", { skip: typeof server === "string" ? server : false }, () => {
  it("stands in the queue once a run, and goes with the claim", async () => {
    await withStore(async ({ store, clock, admit, claim, jobs }) => {
      const ids = [await admit(), await admit({ key: "k" })];
      await admit({ key: "k" });
      assert.equal(await jobs(), 2);
      assert.deepEqual(await claim(), ids);
      assert.equal(await jobs(), 0, "a run that is executed needs no job");
      const [first = ""] = ids;
      await store.runs.park({ runId: first, epoch: 1, availableAt: clock.now() + 50, attempt: 1, error: null });
      assert.equal(await jobs(), 1);
      await clock.advance(50);
      assert.deepEqual(await claim(), [first]);
      assert.equal(await jobs(), 0);
    });
  });

  it("is made with the run or not at all", async () => {
    await withStore(async ({ store, clock, admit, jobs }) => {
      const id = await admit();
      await assert.rejects(store.runs.admit({ id, automation: "job", event: "{}", now: clock.now() }));
      assert.equal(await jobs(), 1);
    });
  });

  it("waits in the queue until the time of its run", async () => {
    await withStore(async ({ store, admit }) => {
      const availableAt = systemClock.now() + 3_600_000;
      await admit({ availableAt });
      const row = await store.db.get("select extract(epoch from start_after) * 1000 as at from pgboss.job");
      assert.equal(row && Math.round(Number(row["at"])), availableAt);
    });
  });

  it("is replaced when an event wakes its run early, so that the queue does not grow with each wait", async () => {
    await withStore(async ({ store, clock, admit, claim, jobs }) => {
      const id = await admit();
      const rest = { output: null, error: null, attempt: 1, startedAt: 0, endedAt: null, isUndoable: false };
      const availableAt = systemClock.now() + 3_600_000;
      for (let epoch = 1; epoch <= 5; epoch++) {
        assert.deepEqual(await claim(), [id]);
        const step = {
          id: `w${epoch}`,
          kind: "wait",
          state: "open",
          event: `e${epoch}`,
          match: null,
          cursor: 0,
        } as const;
        await store.runs.put({ runId: id, epoch, step: { ...step, ...rest } });
        const parked = { runId: id, epoch, status: "waiting", availableAt, attempt: 1, error: null } as const;
        assert.equal(await store.runs.park(parked), "parked");
        const event = { id: `${epoch}`, name: `e${epoch}`, match: null, data: "1", now: clock.now(), runs: [] };
        await store.runs.emit(event);
        await store.db.write([{ sql: "update steps set state = 'done', output = '1'" }]);
      }
      assert.equal(await jobs(), 1);
    });
  });

  it("is left to others by a process that does not have the automation", async () => {
    await withStore(async ({ admit, claim, jobs, open }) => {
      const other = await open();
      const foreign = [await admit({ automation: "other" }), await admit({ automation: "other" })];
      const own = await admit();
      assert.deepEqual(await claim(["job"]), [own]);
      assert.deepEqual(await claim(["job"]), []);
      assert.equal(await jobs(), 2);
      assert.deepEqual(await claim(["job", "other"], other), foreign);
    });
  });

  it("is made anew for a run that has lost it, as after a restored backup", async () => {
    await withStore(async ({ store, clock, admit, claim, jobs, open }) => {
      const id = await admit();
      const unknown = await admit({}, await open("table"));
      await store.db.write([{ sql: "delete from pgboss.job" }]);
      assert.deepEqual(await claim(), []);
      await store.own();
      for (let beat = 0; (await jobs()) < 2; beat++) {
        assert.ok(beat < 50, "nobody gave it a job");
        await clock.advance(3_000);
        await store.describe();
      }
      assert.deepEqual(await claim(), [id, unknown]);
    });
  });

  it("lets processes with and without jobs work side by side", async () => {
    await withStore(async ({ admit, claim, jobs, open }) => {
      const without = await open("table");
      const ids = [await admit(), await admit()];
      assert.deepEqual(await claim(["job"], without), ids);
      assert.deepEqual(await claim(), []);
      assert.equal(await jobs(), 0, "jobs whose runs are taken go as well");
      const next = await admit();
      assert.deepEqual(await claim(), [next]);
      assert.equal(await jobs(), 0);
    });
  });

  it("lets many processes open an empty database at once", async () => {
    assert.ok(typeof server !== "string");
    const url = await server.database();
    const stores = await Promise.all(
      Array.from({ length: 4 }, () => openPostgresStore({ url, clock: systemClock, min: 0, max: 2 })),
    );
    for (const store of stores) await store.close();
  });
});
