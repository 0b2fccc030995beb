import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createIds, systemClock, systemRandom } from "millrace";
import {
  connectRedis,
  createCache,
  createMemoryLevel,
  openRedisBackend,
  openSqliteBackend,
  type OpenCache,
} from "millrace/cache";
import { openSqliteStore } from "millrace/sqlite";
import { createManualClock } from "../../src/core/manual-clock.ts";
import { missingRedis, startTestRedis } from "../../src/cache/redis/test-redis.ts";
import { until } from "./until.ts";

const REDIS = process.env["MILLRACE_REDIS_SERVER"] ?? "/usr/bin/redis-server";
const noRedis = missingRedis(REDIS, process.env["CI"] === "true") ?? false;
const MOST_RECORDS = 50;
const MOST_ITEMS = 200;
const ROUNDS = 6;
const ENTRIES = 100;
const TAGS_EACH = 20;
/** So long that those of a few rounds would be missed in memory if they stayed. */
const TAG_END = "x".repeat(400);

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** 12,000 tags that live for a round: on 600 entries, of which every fifth is evicted by one of its tags. Gives bytes of heap that stay. */
async function liveThroughTags(cache: OpenCache, ttl: string): Promise<number> {
  let before = 0;
  for (let round = 0; round < ROUNDS; round++) {
    if (round === 2) before = heapBytes();
    const keys = Array.from({ length: ENTRIES }, (_, n) => `round:${n}`);
    for (const [n, key] of keys.entries()) {
      const tags = Array.from({ length: TAGS_EACH }, (_, at) => tagOf(round, n, at));
      await cache.set(key, round, { tags, ttl });
    }
    await cache.flush();
    const evicted = keys.filter((_, n) => n % 5 === 0);
    const tags = evicted.map((_, at) => tagOf(round, at * 5, at % TAGS_EACH));
    await cache.evict(...tags.map((tag) => ({ kind: "tag", tag }) as const));
    for (const [n, key] of keys.entries()) {
      const found = await cache.get(key);
      if (n % 5 === 0) assert.equal(found, undefined, `${key} was evicted in round ${round}`);
      else assert.equal(found?.value ?? round, round);
    }
    await cache.flush();
  }
  return heapBytes() - before;
}

function tagOf(round: number, entry: number, at: number): string {
  return `${round}/${entry}/${at}/${TAG_END}`;
}

function heapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

const POLICY = { jitter: 0 } as const;
const FEW = { maxItems: MOST_ITEMS } as const;

describe("tags that live for a short time alone", () => {
  it("leave memory bounded", async (t) => {
    const clock = createManualClock(Date.UTC(2026, 0, 1));
    const cache = createCache({ memory: createMemoryLevel(FEW), clock, random: systemRandom, defaults: POLICY });
    t.after(() => cache.close());
    assertBounded(await liveThroughTags(cache, "1m"));
    assert.ok(((await cache.stats()).levels[0]?.items ?? Infinity) <= MOST_ITEMS);
  });

  it("leave the tables of SQLite bounded, and empty once they are over", async (t) => {
    const clock = createManualClock(Date.UTC(2026, 0, 1));
    const directory = await mkdtemp(join(tmpdir(), "millrace-tags-"));
    const store = await openSqliteStore({ directory, clock });
    const ids = createIds({ clock, random: systemRandom });
    const backend = await openSqliteBackend({ db: store.db, clock, ids, maxRecords: MOST_RECORDS });
    const memory = createMemoryLevel(FEW);
    const cache = createCache({ memory, backend, clock, random: systemRandom, defaults: POLICY, sweepMs: 60_000 });
    t.after(async () => {
      await cache.close();
      await store.close();
      await rm(directory, { recursive: true, force: true });
    });
    const count = async (table: string): Promise<number> =>
      Number((await store.db.get(`select count(*) as n from ${table}`))?.["n"]);
    assertBounded(await liveThroughTags(cache, "1m"));
    assert.ok((await count("cache_tags")) <= ENTRIES * TAGS_EACH);
    assert.ok((await count("cache_entries")) <= ENTRIES);
    assert.ok((await count("cache_journal")) <= MOST_RECORDS * 2, "the journal was not trimmed");
    await clock.advance(120_000);
    await until("the sweep is over", async () => (await count("cache_entries")) === 0);
    assert.equal(await count("cache_tags"), 0);
  });

  it("leave the names of Redis bounded, and none but the journal once they are over", { skip: noRedis }, async (t) => {
    const server = await startTestRedis(REDIS);
    t.after(() => server.close());
    const connections = await connectRedis(server.url);
    const ids = createIds({ clock: systemClock, random: systemRandom });
    const backend = await openRedisBackend({ ...connections, clock: systemClock, ids, maxRecords: MOST_RECORDS });
    const memory = createMemoryLevel(FEW);
    const cache = createCache({ memory, backend, clock: systemClock, random: systemRandom, defaults: POLICY });
    t.after(async () => {
      await cache.close();
      connections.close();
    });
    const call = (command: string, ...args: string[]): Promise<unknown> => connections.client.call(command, args);
    assertBounded(await liveThroughTags(cache, "1s"));
    assert.ok(Number(await call("ZCARD", "millrace:journal")) <= MOST_RECORDS, "the journal was not trimmed");
    await until("all else is over", async () => {
      const names = (await call("KEYS", "millrace:*")) as string[];
      return names.every((name) => name.startsWith("millrace:journal") || name === "millrace:namespaces");
    });
  });
});

function assertBounded(bytes: number): void {
  assert.ok(bytes < 2_000_000, `${bytes} bytes of heap stayed`);
}
