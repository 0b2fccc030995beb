import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { after, describe, it } from "node:test";
import { systemClock } from "../../core/clock.ts";
import { createIds } from "../../core/ids.ts";
import { systemRandom } from "../../core/random.ts";
import { boundedLeases } from "../guarded-leases.ts";
import { bounded } from "../guarded-level.ts";
import { evictKey, evictTag, textOf } from "../level-contract/journal.ts";
import { entryOf } from "../level-contract/level.ts";
import { connectRedis } from "./connect.ts";
import { openRedisBackend } from "./open.ts";
import { missingRedis, startTestRedis } from "./test-redis.ts";

const PATH = process.env["MILLRACE_REDIS_SERVER"] ?? "/usr/bin/redis-server";
const skip = missingRedis(PATH, process.env["CI"] === "true") ?? false;
const FAR = Number.MAX_SAFE_INTEGER;
const kept = (key: string, payload = Buffer.from(key)) =>
  entryOf(key, { payload, createdAt: Date.now(), deadAt: FAR, staleAt: FAR });

const closers: (() => Promise<void>)[] = [];
after(async () => {
  for (const close of closers.toReversed()) await close();
});

async function openServer(options: readonly string[] = []) {
  const server = await startTestRedis(PATH, options);
  closers.push(() => server.close());
  return server;
}

/** By default the client waits for hours: what ends before was ended by the limits of the cache's parts. */
async function openBackend(url: string, commandTimeoutMs = 7_200_000) {
  const connections = await connectRedis(url, { commandTimeoutMs });
  const ids = createIds({ clock: systemClock, random: systemRandom });
  const backend = await openRedisBackend({ ...connections, clock: systemClock, ids, pollMs: 200 });
  assert.ok(backend.level);
  closers.push(async () => (await backend.close(), connections.close()));
  const level = bounded(backend.level, { clock: systemClock, breaker: { openMs: 50, longestOpenMs: 100 } });
  const leases = boundedLeases(backend.leases, { clock: systemClock });
  // For what a busy machine must not drop.
  const patient = { level: backend.level, leases: backend.leases };
  return { ...backend, ...connections, level, leases, patient };
}

/** Waits for something to become true, at most a minute. */
async function until(what: string, test: () => Promise<boolean> | boolean): Promise<void> {
  for (const startedAt = performance.now(); !(await test());) {
    assert.ok(performance.now() - startedAt < 60_000, `not within a minute: ${what}`);
    await systemClock.sleep(20);
  }
}

describe("a Redis server in trouble", { skip }, () => {
  it("killed: reads miss at once, invalidations hold here; restarted empty: all start anew and hear of them", async () => {
    const server = await openServer();
    const [mine, theirs] = [await openBackend(server.url), await openBackend(server.url)];
    await mine.patient.level.set([kept("k")]);
    await mine.journal.append([evictKey("before")]).catch(() => undefined);
    await theirs.journal.sync();
    const position = mine.journal.position();
    let resets = 0;
    theirs.journal.subscribe(({ kind }) => void (resets += kind === "reset" ? 1 : 0));
    await server.kill();
    assert.equal(await mine.level.get("k"), undefined);
    await mine.level.set([kept("dropped")]);
    assert.ok(await mine.leases.acquire("lease", 1_000), "a process alone may not run its factory");
    await assert.rejects(mine.journal.append([evictTag("t")]), { code: "CACHE_UNREACHABLE" });
    assert.ok(mine.journal.tagPosition("t", "evict") > position);
    await server.start();
    await until("the others hear of it", () => theirs.journal.tagPosition("t", "evict") > 0);
    assert.ok(resets > 0, "an empty server went unnoticed");
    assert.ok(theirs.journal.position() > position, "positions went back");
    assert.equal(theirs.journal.covers(position), false);
    await until("the level heals", async () => {
      await mine.level.set([kept("after")]);
      return (await mine.level.get("after")) !== undefined;
    });
  });

  it("cut off with its data: what was missed is read from the journal, in order, without a reset", async () => {
    const server = await openServer();
    // What a connection had not answered when it was cut is over after the time of a command.
    const [mine, theirs] = [await openBackend(server.url, 1_000), await openBackend(server.url, 1_000)];
    await theirs.journal.sync();
    const heard: string[] = [];
    let resets = 0;
    theirs.journal.subscribe((change) => {
      if (change.kind === "reset") resets += 1;
      else heard.push(...change.records.map(textOf));
    });
    await mine.patient.level.set([kept("k")]);
    for (let n = 0; n < 5; n++) {
      const cuts = ["normal", "pubsub"].map((type) =>
        mine.client.call("CLIENT", ["KILL", "TYPE", type, "SKIPME", "no"]),
      );
      const stored = mine.journal.append([evictKey(`k${n}`)]);
      void Promise.allSettled(cuts); // their answers are cut off too
      await Promise.allSettled([stored]);
      await systemClock.sleep(10);
    }
    await until("all are heard of", () => new Set(heard).size >= 5);
    const firsts = heard.filter((key, at) => heard.indexOf(key) === at);
    assert.deepEqual(new Set(firsts), new Set(Array.from({ length: 5 }, (_, n) => `k${n}`)));
    assert.equal(resets, 0);
    await until("the level heals", async () => (await mine.level.get("k")) !== undefined);
  });

  it("paused: nothing waits longer than its deadline, and what was asked for comes to pass", async () => {
    const server = await openServer();
    const [mine, theirs] = [await openBackend(server.url), await openBackend(server.url)];
    await mine.patient.level.set([kept("k")]);
    server.pause();
    assert.equal(await mine.level.get("k"), undefined);
    await mine.level.set([kept("x")]);
    await assert.rejects(mine.journal.append([evictTag("t")]), { code: "CACHE_UNREACHABLE" });
    assert.ok(mine.journal.tagPosition("t", "evict") > 0);
    server.resume();
    await until("the others hear of it", () => theirs.journal.tagPosition("t", "evict") > 0);
    await until("the level heals", async () => (await mine.level.get("k")) !== undefined);
  });

  it("full: writes are dropped, reads and what is kept go on", async () => {
    const server = await openServer(["--maxmemory", "3mb", "--maxmemory-policy", "noeviction"]);
    const { level, patient, client } = await openBackend(server.url);
    await patient.level.set([kept("k")]);
    for (let n = 0; n < 20; n++) await level.set([kept(`big:${n}`, Buffer.alloc(300_000, "x"))]);
    assert.ok(level.health().droppedWrites > 5, `${level.health().droppedWrites} dropped`);
    await until("what is kept is read", async () => (await level.get("k"))?.key === "k");
    assert.equal(level.health().isReadable, true);
    await client.call("FLUSHALL", []);
    await until("the level heals", async () => {
      await level.set([kept("again")]);
      return (await level.get("again")) !== undefined;
    });
  });

  it("away at the start: the cache opens, works alone, and joins when it comes", async () => {
    const server = await openServer();
    await server.kill();
    const mine = await openBackend(server.url);
    assert.equal(await mine.level.get("k"), undefined);
    assert.equal(mine.journal.covers(0), true);
    assert.equal(mine.journal.covers(1_000), false, "an entry of another time is taken for valid");
    await server.start();
    await until("it joins", () => mine.journal.position() > 0);
  });

  it("leaves nothing behind of ten thousand short-lived entries and tags", async () => {
    const server = await openServer();
    const { level, client } = await openBackend(server.url);
    const deadAt = Date.now() + 1_500;
    for (let n = 0; n < 100; n++) {
      const entries = Array.from({ length: 100 }, (_, i) => entryOf(`ns${n}:${i}`, { deadAt, tags: [`t${n}:${i}`] }));
      await level.set(entries);
    }
    await systemClock.sleep(Math.max(0, deadAt + 50 - Date.now()));
    await level.sweep(Date.now());
    await until("all names are gone", async () => {
      const names = (await client.call("KEYS", ["millrace:*"])) as string[];
      return names.every((name) => name.startsWith("millrace:journal"));
    });
  });
});

describe("two processes on one Redis server", { skip }, () => {
  it("see each other's entries and invalidations, and share leases beyond the death of a holder", async () => {
    const server = await openServer();
    const mine = await openBackend(server.url);
    const heard = new Promise<string>((resolve) => {
      mine.journal.subscribe((change) => {
        if (change.kind === "records") resolve(change.records.map(textOf).join());
      });
    });
    const modules = ["./connect.ts", "./open.ts", "../../core/clock.ts"].map(
      (name) => new URL(name, import.meta.url).href,
    );
    const args = ["--conditions=millrace-source", "--input-type=module", "-e", PEER, server.url, ...modules];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    await once(child.stdout, "data");
    assert.equal(await heard, "from-child");
    assert.equal((await mine.patient.level.get("child"))?.key, "child");
    assert.equal(await mine.patient.leases.acquire("lease", 600_000), undefined);
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
    const left = Number(await mine.client.call("PTTL", ["millrace:lease:lease"]));
    assert.ok(left > 0 && left <= 600_000, `the dead holder's lease lasts ${left} ms`);
    await mine.client.call("PEXPIRE", ["millrace:lease:lease", "1"]);
    await until(
      "the dead holder's lease is taken over",
      async () => (await mine.patient.leases.acquire("lease", 600_000)) !== undefined,
    );
  });
});

/** Stores, invalidates, takes a lease, and stays. */
const PEER = `
  const [url, connect, open, clock] = process.argv.slice(1);
  const { connectRedis } = await import(connect);
  const { openRedisBackend } = await import(open);
  const { systemClock } = await import(clock);
  const ids = { next: () => "child" };
  const backend = await openRedisBackend({ ...(await connectRedis(url, { commandTimeoutMs: 60_000 })), clock: systemClock, ids });
  const meta = { createdAt: 0, staleAt: 9e15, deadAt: 9e15, tags: [], position: 1, isError: false };
  await backend.level.set([{ key: "child", payload: Buffer.from("x"), meta }]);
  await backend.leases.acquire("lease", 600_000);
  // Late is soon enough: it is passed on all the same.
  await backend.journal.append([{ mode: "evict", scope: { kind: "key", key: "from-child" } }]).catch(() => undefined);
  console.log("done");
  setInterval(() => {}, 1_000);`;
