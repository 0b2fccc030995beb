import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { systemClock } from "millrace";
import type { OpenCache } from "millrace/cache";
import { missingRedis, startTestRedis, type TestRedis } from "../../src/cache/redis/test-redis.ts";
import { openRedisCache, type RedisCacheOptions } from "./redis-cache.ts";
import { startTcpProxy, type TcpProxy } from "./tcp-proxy.ts";
import { until } from "./until.ts";

const PATH = process.env["MILLRACE_REDIS_SERVER"] ?? "/usr/bin/redis-server";
const skip = missingRedis(PATH, process.env["CI"] === "true") ?? false;

/** The limits of a cache's parts are 250 and 500 ms, and a call may meet several; without them it would wait for the client. */
const CLIENT_MS = 8_000;
const LONGEST_CALL_MS = 6_000;
const KEYS = Array.from({ length: 30 }, (_, n) => `item:${n}:value`);

/** Two processes' caches on one server; what happens to the network happens to the first alone. */
interface Bench {
  readonly redis: TestRedis;
  readonly network: TcpProxy;
  readonly cut: OpenCache;
  readonly other: OpenCache;
}

interface Fault extends RedisCacheOptions {
  readonly what: string;
  readonly redis?: readonly string[];
  begin(bench: Bench): Promise<void> | void;
  end(bench: Bench): Promise<void> | void;
  /** Which of the two invalidates meanwhile. Default the one that is cut off. */
  readonly by?: "cut" | "other";
}

const KEEPING = ["--appendonly", "yes", "--appendfsync", "always"];
const QUICK = { commandTimeoutMs: 300 };

const FAULTS: readonly Fault[] = [
  {
    what: "is killed and comes back empty",
    begin: ({ redis }) => redis.kill(),
    end: ({ redis }) => redis.start(),
  },
  {
    what: "is killed and comes back with its data",
    redis: KEEPING,
    begin: ({ redis }) => redis.kill(),
    end: ({ redis }) => redis.start(),
  },
  { what: "is paused", begin: ({ redis }) => redis.pause(), end: ({ redis }) => redis.resume() },
  {
    what: "cannot be reached: bytes are held on both ways",
    begin: ({ network }) => network.stall("both"),
    end: ({ network }) => network.heal(),
  },
  {
    what: "hears nothing: bytes are held on the way to it",
    begin: ({ network }) => network.stall("there"),
    end: ({ network }) => network.heal(),
  },
  {
    what: "is not heard: its answers are held",
    begin: ({ network }) => network.stall("back"),
    end: ({ network }) => network.heal(),
  },
  {
    ...QUICK,
    what: "is behind a firewall that forgot the connections",
    begin: ({ network }) => network.drop("both"),
    end: ({ network }) => network.heal(),
  },
  {
    ...QUICK,
    what: "does what it is asked, but its answers are lost",
    begin: ({ network }) => network.drop("back"),
    end: ({ network }) => network.heal(),
  },
  {
    what: "cannot be reached by one while another invalidates",
    by: "other",
    begin: ({ network }) => network.stall("both"),
    end: ({ network }) => network.heal(),
  },
  {
    what: "cannot be reached by one while another invalidates more than the journal keeps",
    by: "other",
    maxRecords: 20,
    begin: ({ network }) => network.stall("both"),
    async end({ network, other }) {
      for (let n = 0; n < 100; n++) await other.evict({ kind: "key", key: `unrelated:${n}` });
      network.heal();
    },
  },
  {
    ...QUICK,
    what: "is lost to one while it comes back empty and another invalidates",
    by: "other",
    async begin({ network, redis }) {
      network.drop("both");
      await redis.kill();
      await redis.start();
    },
    end: ({ network }) => network.heal(),
  },
];

describe("a cache on a Redis server that", { skip, concurrency: true }, () => {
  for (const fault of FAULTS) it(fault.what, { timeout: 180_000 }, (t) => liveThrough(t, fault));

  it("was away while more writes were lost than are known one by one: never brings back what they replaced", async (t) => {
    const redis = await startTestRedis(PATH, KEEPING);
    t.after(() => redis.close());
    const cache = await openRedisCache(t, redis.port, { isMemoryless: true });
    await cache.set("replaced:1", "old");
    await cache.flush();
    await redis.kill();
    await cache.set("replaced:1", "new");
    for (let n = 0; n < 11_000; n++) await cache.set(`lost:${n}`, n);
    await cache.flush();
    assert.ok(((await cache.stats()).namespaces["lost"]?.droppedWrites ?? 0) > 10_000);
    await redis.start();
    await until("the level serves again", async () => {
      await cache.set("again:1", "kept");
      await cache.flush();
      assert.notEqual((await cache.get("replaced:1"))?.value, "old");
      return (await cache.get("again:1"))?.value === "kept";
    });
    assert.notEqual((await cache.get("replaced:1"))?.value, "old");
  });
});

/** What values should be, who was told of it, and what the callers of a cache met. */
function createWatch() {
  const truth = new Map<string, number>();
  const wrong: string[] = [];
  let longestMs = 0;
  let made = 0;
  const over = new AbortController();

  async function timed<T>(work: Promise<T>): Promise<T> {
    const startedAt = performance.now();
    return await work.finally(() => (longestMs = Math.max(longestMs, performance.now() - startedAt)));
  }
  async function read(cache: OpenCache, key: string, leastVersion: number): Promise<void> {
    const make = (): string => (made++, `${key} ${truth.get(key) ?? 0}`);
    const value = await timed(cache.getOrSet(key, make, { tags: [`tag of ${key}`, "users"] }));
    const [name, version] = value.split(" ");
    if (name !== key || !(Number(version) >= leastVersion)) wrong.push(`${value} for ${key} at ${leastVersion}`);
  }
  /** Reads known keys, of which none may be older than the invalidations it was told of, and new ones, for which the server is asked. */
  async function load(cache: OpenCache, name: string, floor: ReadonlyMap<string, number>): Promise<void> {
    for (let n = 0; !over.signal.aborted; n++) {
      const key = KEYS[n % KEYS.length] ?? "";
      await read(cache, key, floor.get(key) ?? 0);
      await read(cache, `new:${name}:${n}`, 0);
      await systemClock.sleep(3);
    }
  }
  return {
    truth,
    wrong,
    timed,
    read,
    load,
    longestMs: () => longestMs,
    made: () => made,
    end: () => over.abort(),
  };
}

async function liveThrough(t: TestContext, fault: Fault): Promise<void> {
  const redis = await startTestRedis(PATH, fault.redis);
  t.after(() => redis.close());
  const network = await startTcpProxy(redis.port);
  t.after(() => network.close());
  const cut = await openRedisCache(t, network.port, { commandTimeoutMs: CLIENT_MS, ...fault });
  const other = await openRedisCache(t, redis.port, { commandTimeoutMs: CLIENT_MS, ...fault });
  const bench: Bench = { redis, network, cut, other };
  const invalidator = fault.by === "other" ? other : cut;
  const watch = createWatch();
  const floor = new Map<string, number>();
  const none = new Map<string, number>();

  await cut.link("users", ["company"]);
  for (const key of KEYS) await watch.read(other, key, 0);
  await other.flush();
  for (const key of KEYS) await watch.read(cut, key, 0);
  const loads = [
    watch.load(cut, "cut", invalidator === cut ? floor : none),
    watch.load(other, "other", invalidator === other ? floor : none),
  ];

  await fault.begin(bench);
  await until("the breaker opens", async () => isOpen(cut));
  await invalidateAll(invalidator, watch, floor);
  assert.ok(await isOpen(cut));
  await fault.end(bench);
  await until("the breaker closes", async () => !(await isOpen(cut)) && !(await isOpen(other)));

  // Invalidations keep their order: who was told of the last was told of all.
  // A busy machine may have no time for a write: then it is lost, as it should be.
  await until("the mark is stored", async () => {
    await invalidator.set("marker", "old");
    await invalidator.flush();
    return (await cut.get("marker")) !== undefined && (await other.get("marker")) !== undefined;
  });
  for (const each of [cut, other]) await each.get("marker");
  await invalidator.evict({ kind: "key", key: "marker" });
  for (const each of [cut, other]) {
    await until("the mark is gone", async () => (await each.get("marker")) === undefined);
    for (const key of KEYS) await watch.read(each, key, floor.get(key) ?? 0);
  }

  // Links that the server may have lost hold again for all.
  for (const key of KEYS) watch.truth.set(key, 2);
  await other.evict({ kind: "tag", tag: "company" });
  for (const key of KEYS) await watch.read(other, key, 2);
  await cut.get("anything", { isStrict: true });
  for (const key of KEYS) await watch.read(cut, key, 2);

  watch.end();
  await Promise.all(loads);
  assert.deepEqual(watch.wrong, []);
  assert.ok(watch.longestMs() < LONGEST_CALL_MS, `a call took ${watch.longestMs()} ms`);
  const counters = Object.values((await cut.stats()).namespaces);
  assert.ok(
    counters.some(({ levelErrors }) => levelErrors > 0),
    "the counters do not tell of failed reads",
  );
  assert.ok(
    counters.some(({ droppedWrites }) => droppedWrites > 0),
    "the counters do not tell of lost writes",
  );
  let written = 0;
  await until("the level serves again", async () => {
    const key = `again:${written++}`;
    await other.set(key, "kept");
    await other.flush();
    return (await cut.get(key))?.source === "database";
  });
}

/** By key, by tag and by pattern: ten of each, at once. */
async function invalidateAll(
  cache: OpenCache,
  { truth, timed }: ReturnType<typeof createWatch>,
  floor: Map<string, number>,
): Promise<void> {
  for (const key of KEYS) truth.set(key, 1);
  const [byKey, byTag, byPattern] = [KEYS.slice(0, 10), KEYS.slice(10, 20), KEYS.slice(20)];
  await Promise.all([
    timed(cache.evict(...byKey.map((key) => ({ kind: "key", key }) as const))),
    ...byTag.map((key) => timed(cache.evict({ kind: "tag", tag: `tag of ${key}` }))),
    ...byPattern.map((key) => timed(cache.evict({ kind: "pattern", pattern: key.replace(/value$/, "**") }))),
  ]);
  for (const key of KEYS) floor.set(key, 1);
  for (const key of KEYS) assert.equal(cache.peek(key)?.toString().endsWith(" 0") ?? false, false);
}

async function isOpen(cache: OpenCache): Promise<boolean> {
  return (await cache.stats()).levels.some(({ isOpen }) => isOpen);
}
