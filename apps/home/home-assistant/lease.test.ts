import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { describe, it } from "node:test";
import { createIds, createSeededRandom, type Database } from "millrace";
import { openSqliteStore } from "millrace/sqlite";
import { createLog, createManualClock, type ManualClock } from "millrace/testing";
import { type Held, holdLease } from "./lease.ts";

/** Processes that share a database, each with a clock of its own: one whose clock stands still hangs. */
class Processes {
  readonly said: string[] = [];
  readonly sessions = new Set<string>();
  readonly #clocks = new Map<string, ManualClock>();
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  start(name: string, clockAt = 0, db = this.#db): Held {
    const clock = createManualClock(clockAt);
    this.#clocks.set(name, clock);
    return holdLease({
      name: "link home",
      db,
      clock,
      ids: createIds({ clock, random: createSeededRandom(this.#clocks.size) }),
      log: createLog({ level: "silent" }),
      start: ({ session }) => {
        this.sessions.add(session);
        this.said.push(`${name} begins`);
        return {
          close: ({ isTakenOver = false } = {}) => {
            this.said.push(`${name} ${isTakenOver ? "was taken over" : "ends"}`);
            return Promise.resolve();
          },
        };
      },
    });
  }

  /** Lets time pass for those that are named. */
  async pass(seconds: number, ...names: readonly string[]): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      for (const name of names) await this.#clocks.get(name)?.advance(1_000);
      // The database's threads work by their own time; a read comes back only after what was written before it.
      await this.#db.write([{ sql: "update home_leases set beat = beat where false" }]);
      await pause(2);
    }
  }

  async until(isSo: () => boolean, ...names: readonly string[]): Promise<void> {
    for (let turn = 0; !isSo(); turn++) {
      assert.ok(turn < 5_000, `it never came: ${this.said.join(", ")}`);
      await this.pass(1, ...names);
    }
  }
}

describe("what one process does for all that share a database", () => {
  async function opened(work: (processes: Processes, db: Database) => Promise<void>): Promise<void> {
    const store = await openSqliteStore({ directory: ":memory:", clock: createManualClock() });
    try {
      await store.db.migrate({ owner: "home", directory: new URL("../tables/", import.meta.url) });
      await work(new Processes(store.db), store.db);
    } finally {
      await store.close();
    }
  }

  it("is begun by one of them, and by the next when that one closes", async () => {
    await opened(async (processes) => {
      const first = processes.start("first");
      await processes.until(() => processes.said.length === 1, "first");
      const second = processes.start("second");
      await processes.pass(60, "first", "second");
      assert.deepEqual(processes.said, ["first begins"]);
      await first.close();
      await processes.until(() => processes.said.length === 3, "second");
      assert.deepEqual(processes.said, ["first begins", "first ends", "second begins"]);
      await second.close();
      assert.equal(processes.sessions.size, 1);
    });
  });

  it("is taken over from one that hangs, whatever its clock says, and that one stops when it wakes", async () => {
    await opened(async (processes, db) => {
      const hung = processes.start("hung", Date.UTC(2031, 0, 1));
      await processes.until(() => processes.said.length === 1, "hung");
      const next = processes.start("next", 1);
      await processes.pass(12, "next");
      assert.deepEqual(processes.said, ["hung begins"], "it may yet live");
      await processes.until(() => processes.said.length === 2, "next");
      await processes.until(() => processes.said.length === 3, "hung", "next");
      assert.deepEqual(processes.said, ["hung begins", "next begins", "hung was taken over"]);
      assert.partialDeepStrictEqual(await db.all("select epoch from home_leases"), [{ epoch: 2 }]);
      await processes.pass(40, "hung", "next");
      assert.equal(processes.said.length, 3, "it does not come back while the other lives");
      await hung.close();
      await next.close();
      assert.deepEqual(processes.said.slice(3), ["next ends"]);
    });
  });

  it("stops in one whose database does not answer, before another begins", async () => {
    await opened(async (processes, db) => {
      let answers: Promise<void> = Promise.resolve();
      const slow: Database = {
        ...db,
        async write(statements) {
          await answers;
          return await db.write(statements);
        },
      };
      const cut = processes.start("cut", 0, slow);
      await processes.until(() => processes.said.length === 1, "cut");
      const { promise, resolve: answer } = Promise.withResolvers<void>();
      answers = promise;
      const next = processes.start("next");
      await processes.until(() => processes.said.length === 3, "cut", "next");
      assert.deepEqual(processes.said, ["cut begins", "cut was taken over", "next begins"]);
      answer();
      await processes.pass(40, "cut", "next");
      assert.equal(processes.said.length, 3, "what was written late changes nothing");
      await cut.close();
      await next.close();
    });
  });

  it("goes to one alone of many that see the holder dead at the same moment", async () => {
    await opened(async (processes) => {
      const dead = processes.start("dead");
      await processes.until(() => processes.said.length === 1, "dead");
      const names = ["a", "b", "c", "d"];
      const waiting = names.map((name) => processes.start(name));
      await processes.until(() => processes.said.length > 1, ...names);
      await processes.pass(40, ...names);
      assert.equal(processes.said.length, 2, processes.said.join(", "));
      await Promise.all([dead, ...waiting].map((each) => each.close()));
    });
  });
});
