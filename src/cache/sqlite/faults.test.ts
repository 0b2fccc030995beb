import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { type Clock, systemClock } from "../../core/clock.ts";
import { createIds } from "../../core/ids.ts";
import { systemRandom } from "../../core/random.ts";
import { openSqliteStore } from "../../store/sqlite/open.ts";
import { bounded } from "../guarded-level.ts";
import { evictKey, evictTag, textOf } from "../level-contract/journal.ts";
import { entryOf } from "../level-contract/level.ts";
import { openSqliteBackend, type SqliteBackendOptions } from "./open.ts";

const folder = mkdtempSync(join(tmpdir(), "millrace-cache-faults-"));
after(() => rmSync(folder, { recursive: true }));
let places = 0;
const FAR = Number.MAX_SAFE_INTEGER;
const kept = (key: string, payload = Buffer.from(key)) => entryOf(key, { payload, deadAt: FAR, staleAt: FAR });

/** In an hour, when what was leased is over. */
const LATER: Clock = { ...systemClock, now: () => systemClock.now() + 3_600_000 };

async function openIn(directory: string, options: Partial<SqliteBackendOptions> = {}) {
  const { clock = systemClock } = options;
  const store = await openSqliteStore({ directory, clock });
  const ids = createIds({ clock, random: systemRandom });
  const backend = await openSqliteBackend({ db: store.db, clock, ids, ...options });
  const { level, journal, leases } = backend;
  assert.ok(level);
  async function close(): Promise<void> {
    await backend.close();
    await store.close();
  }
  return { level, journal, leases, db: store.db, close };
}

describe("a database that another process has locked", () => {
  it("drops cache writes, keeps reading, never holds up the loop, and passes invalidations on afterwards", async (t) => {
    const directory = join(folder, `${++places}`);
    const backend = await openIn(directory);
    const level = bounded(backend.level, { clock: systemClock });
    await backend.level.set([kept("k")]);
    const locker = run(LOCKER, join(directory, "millrace.db"));
    t.after(() => locker.kill());
    await line(locker);
    // The lock is held until this process asks for its end: whatever comes to pass before was not done by waiting for it.
    const loop = countTurns();
    await level.set([kept("dropped")]);
    assert.equal(level.health().droppedWrites, 1);
    assert.equal((await backend.level.get("k"))?.key, "k");
    const position = backend.journal.position();
    await assert.rejects(backend.journal.append([evictTag("t"), evictKey("k")]), { code: "CACHE_UNREACHABLE" });
    assert.ok(backend.journal.tagPosition("t", "evict") > position, "it does not hold in this process");
    assert.ok(backend.journal.keyPosition("k", "evict") > position);
    assert.ok(loop.turns() > 10, `the loop turned ${loop.turns()} times while the database was locked`);
    locker.stdin?.end();
    await once(locker, "exit");
    const other = await openIn(directory);
    while (other.journal.tagPosition("t", "evict") === 0) await other.journal.sync();
    await backend.journal.sync();
    assert.ok(backend.journal.position() > position);
    do await level.set([kept("after")]);
    while ((await level.get("after"))?.key !== "after");
    await other.close();
    await backend.close();
  });
});

describe("a row that somebody else has changed", () => {
  it("is a miss, goes, and is written anew", async () => {
    const { level, db, close } = await openIn(join(folder, `${++places}`));
    const entry = entryOf("k", { deadAt: FAR, staleAt: FAR, tags: ["t"] });
    await level.set([entry]);
    await db.write([{ sql: "update cache_entries set tags = 'no list'" }]);
    assert.equal(await level.get("k"), undefined);
    assert.equal((await level.stats()).items, 0);
    await level.set([entry]);
    assert.deepEqual((await level.get("k"))?.meta.tags, ["t"]);
    await close();
  });
});

describe("two processes on one database", () => {
  it("see each other's entries and invalidations, and share leases beyond the death of a holder", async () => {
    const directory = join(folder, `${++places}`);
    const backend = await openIn(directory);
    const modules = ["./open.ts", "../../store/sqlite/open.ts", "../../core/clock.ts"].map(
      (name) => new URL(name, import.meta.url).href,
    );
    const heard = new Promise<string>((resolve) => {
      backend.journal.subscribe((change) => {
        if (change.kind === "records") resolve(change.records.map(textOf).join());
      });
    });
    const child = run(PEER, directory, ...modules);
    assert.equal(await line(child), "done");
    assert.equal(await heard, "from-child", "polling did not find it");
    assert.equal((await backend.level.get("child"))?.key, "child");
    assert.equal(await backend.leases.acquire("lease", 60_000), undefined);
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
    assert.equal(await backend.leases.acquire("lease", 60_000), undefined);
    const later = await openIn(directory, { clock: LATER });
    assert.ok(await later.leases.acquire("lease", 60_000), "the dead holder's lease was not taken over");
    await later.close();
    await backend.close();
  });
});

describe("the bounds of the database", () => {
  it("stays within items and bytes by itself, and what was used lately stays", async () => {
    const backend = await openIn(join(folder, `${++places}`), { maxItems: 1_000, maxBytes: 500_000 });
    for (let n = 0; n < 30; n++) {
      await backend.level.set(
        Array.from({ length: 100 }, (_, i) => kept(`k:${String(n).padStart(2, "0")}:${i}`, Buffer.alloc(400, "x"))),
      );
      await backend.level.get("k:00:7");
    }
    const { items, bytes, evictions } = await backend.level.stats();
    assert.ok(items <= 1_000 && bytes <= 500_000, `${items} items, ${bytes} bytes`);
    assert.ok(evictions >= 2_000);
    assert.ok(await backend.level.get("k:29:1"));
    assert.ok(await backend.level.get("k:00:7"), "what was used in between is gone");
    await backend.close();
  });

  it("forgets the oldest invalidations, says so, and keeps the last of each scope", async () => {
    const directory = join(folder, `${++places}`);
    const backend = await openIn(directory, { maxRecords: 100 });
    const other = await openIn(directory, { maxRecords: 100, pollMs: 1_000_000 });
    const start = backend.journal.position();
    const changes: string[] = [];
    other.journal.subscribe(({ kind }) => void changes.push(kind));
    for (let n = 0; n < 300; n++) await backend.journal.append([evictTag("often")]);
    assert.equal(backend.journal.covers(start), true);
    for (let n = 0; n < 400; n++) await backend.journal.append([evictKey(`k${n}`)]);
    assert.ok(!backend.journal.covers(start) || backend.journal.keyPosition("k0", "evict") > start);
    await other.journal.sync();
    assert.deepEqual(changes, ["reset"]);
    assert.equal(other.journal.covers(start), false);
    await other.close();
    await backend.close();
  });
});

/** Holds the write lock until its input ends. */
const LOCKER = `
  const { DatabaseSync } = await import("node:sqlite");
  const database = new DatabaseSync(process.argv[1]);
  database.exec("begin immediate");
  console.log("locked");
  process.stdin.resume().on("end", () => { database.exec("rollback"); process.exit(0); });`;

/** Stores, invalidates, takes a lease, and stays. */
const PEER = `
  const [directory, open, store, clock] = process.argv.slice(1);
  const { openSqliteBackend } = await import(open);
  const { openSqliteStore } = await import(store);
  const { systemClock } = await import(clock);
  const { db } = await openSqliteStore({ directory, clock: systemClock });
  const ids = { next: () => "child" };
  const backend = await openSqliteBackend({ db, clock: systemClock, ids });
  const meta = { createdAt: 0, staleAt: 9e15, deadAt: 9e15, tags: [], position: 1, isError: false };
  await backend.level.set([{ key: "child", payload: Buffer.from("x"), meta }]);
  await backend.leases.acquire("lease", 60_000);
  // Late is soon enough: it is passed on all the same.
  await backend.journal.append([{ mode: "evict", scope: { kind: "key", key: "from-child" } }]).catch(() => undefined);
  console.log("done");
  setInterval(() => {}, 1_000);`;

function run(program: string, ...args: readonly string[]): ChildProcess {
  const options = ["--conditions=millrace-source", "--input-type=module", "-e", program, ...args];
  return spawn(process.execPath, options, { stdio: ["pipe", "pipe", "inherit"] });
}

async function line(child: ChildProcess): Promise<string> {
  const [chunk] = (await once(child.stdout ?? child, "data")) as [Buffer];
  return chunk.toString().trim();
}

/** Counts the turns of the event loop: a thread that waits for a lock makes none. */
function countTurns(): { turns(): number } {
  let turns = 0;
  let next: NodeJS.Immediate;
  const turn = (): void => {
    turns++;
    next = setImmediate(turn);
    next.unref();
  };
  turn();
  return {
    turns() {
      clearImmediate(next);
      return turns;
    },
  };
}
