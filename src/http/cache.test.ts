import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { createCache, type OpenCache } from "../cache/create-cache.ts";
import { openFilesLevel } from "../cache/files/level.ts";
import { createMemoryLevel } from "../cache/memory/memory-level.ts";
import { openSqliteBackend } from "../cache/sqlite/open.ts";
import { createSimilar } from "../cache/semantic/create-similar.ts";
import { createHashEmbedder } from "../cache/semantic/embedders/hash-embedder.ts";
import type { Similar } from "../cache/semantic/similar.ts";
import { createWarming, type Warming } from "../cache/warm.ts";
import { systemClock } from "../core/clock.ts";
import { createEvents } from "../core/events.ts";
import { createIds } from "../core/ids.ts";
import { createLog } from "../core/log.ts";
import { createManualClock, type ManualClock } from "../core/manual-clock.ts";
import { systemRandom } from "../core/random.ts";
import { createEngine } from "../runs/create-engine.ts";
import { openSqliteStore } from "../store/sqlite/open.ts";
import type { Store } from "../store/store.ts";
import type {
  CacheEntriesPage,
  CacheEntryDetail,
  CacheHistory,
  CacheInvalidatedView,
  CacheView,
  CacheWarmingView,
  Problem,
  SimilarHitView,
} from "./api.ts";
import { type CacheHistoryKeeper, createCacheHistory } from "./cache-history.ts";
import { createServer, type Server } from "./server.ts";

const HOUR_MS = 3_600_000;
const log = createLog({ level: "silent" });
const ids = createIds({ clock: systemClock, random: systemRandom });

let folder = "";
let store: Store;
let cache: OpenCache;
let warming: Warming;
let similar: Similar | undefined;
let clock: ManualClock;
let server: Server;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "millrace-cache-api-"));
  store = await openSqliteStore({ directory: folder, clock: systemClock, log });
});
after(async () => {
  await close();
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await close();
  clock = createManualClock();
  similar = undefined;
  cache = createCache({
    memory: createMemoryLevel(),
    backend: await openSqliteBackend({ db: store.db, clock: systemClock, ids }),
    files: await openFilesLevel({ directory: join(folder, "files"), clock }),
    clock,
    random: systemRandom,
  });
  await cache.clear();
  await cache.flush();
  warming = createWarming({
    cache,
    clock,
    log,
    loaders: [
      { name: "plans", items: () => [{ key: "plan:1", factory: () => "one" }] },
      {
        name: "broken",
        items: () => {
          throw new Error("no items");
        },
      },
    ],
  });
  const shared = { clock, random: systemRandom, ids, events: createEvents(), log, timezone: "UTC" };
  server = await createServer({
    ...shared,
    host: "127.0.0.1",
    port: 0,
    version: "1",
    providers: [],
    store,
    engine: createEngine({ store, automations: [], services: () => ({}), ...shared, clock: systemClock }),
    cache: { cache, similarIfOpen: () => similar, warming: () => warming },
    role: () => "owner",
    routes: [],
    dashboard: join(folder, "none"),
  });
});

async function close(): Promise<void> {
  await server?.close();
  await warming?.close();
  await cache?.close();
}

async function ask<T>(method: "GET" | "POST" | "DELETE", url: string, payload?: object): Promise<T> {
  const options = { method, url, headers: { host: "127.0.0.1" } };
  const answer = await server.inject(payload === undefined ? options : { ...options, payload });
  return answer.json();
}

/** Texts that cannot be pressed together. */
const long = (): string => randomBytes(75_000).toString("base64");
const get = <T>(url: string): Promise<T> => ask<T>("GET", url);
const keysOf = ({ items }: CacheEntriesPage): string[] => items.map(({ key }) => key);
const entryUrl = (key: string): string => `/api/cache/entries/${encodeURIComponent(key)}`;

describe("GET /api/cache", () => {
  it("tells what the levels hold, and how often each answered, in all and by namespace", async () => {
    await cache.set("user:1", long());
    await cache.getOrSet("user:2", () => 2);
    await cache.getOrSet("user:2", () => 3);
    await cache.get("plan:1");
    await cache.flush();
    const view = await get<CacheView>("/api/cache");
    assert.deepEqual(
      view.levels.map(({ name, items, isOpen }) => [name, items, isOpen]),
      [
        ["memory", 2, false],
        ["database", 2, false],
        ["files", 1, false],
      ],
    );
    assert.deepEqual(
      view.namespaces.map(({ name, hits, misses, hitRate }) => [name, hits.memory, misses, hitRate]),
      [
        ["user", 1, 1, 0.5],
        ["plan", 0, 1, 0],
      ],
    );
    assert.deepEqual([view.total.hits.memory, view.total.misses, view.total.hitRate], [1, 2, 1 / 3]);
    assert.deepEqual(view.warming, [
      { loader: "plans", made: 0, failed: 0 },
      { loader: "broken", made: 0, failed: 0 },
    ]);
    assert.deepEqual([view.process.pid, view.similar, view.hot.maxItems], [process.pid, null, 1_000]);
  });

  it("has no hit rate before anybody asked", async () => {
    const { total } = await get<CacheView>("/api/cache");
    assert.deepEqual([total.hitRate, total.hitRates], [null, null]);
  });
});

describe("GET /api/cache/history", () => {
  it("tells what happened in each span of 10 s, and only there", async () => {
    await cache.getOrSet("user:1", () => 1);
    await clock.advance(10_000);
    await settled(1);
    await cache.getOrSet("user:1", () => 1);
    await clock.advance(10_000);
    await settled(2);
    await clock.advance(10_000);
    const { samples, intervalMs } = await settled(3);
    assert.equal(intervalMs, 10_000);
    assert.deepEqual(
      samples.map(({ total: { hits, misses }, namespaces }) => [hits.memory, misses, Object.keys(namespaces)]),
      [
        [0, 1, ["user"]],
        [1, 0, ["user"]],
        [0, 0, []],
      ],
    );
    assert.equal(Date.parse(samples[2]?.at ?? "") - Date.parse(samples[0]?.at ?? ""), 20_000);
    assert.equal(samples[0]?.levels.find(({ name }) => name === "memory")?.items, 1);
  });

  it("keeps an hour and the most asked namespaces", async () => {
    for (let name = 0; name < 30; name++)
      for (let times = 0; times <= name; times++) await cache.getOrSet(`space${name}:1`, () => 1);
    const history = createCacheHistory({ cache, clock, log });
    for (let sample = 1; sample <= 365; sample++) {
      await clock.advance(10_000);
      await settled(Math.min(sample, 360), history);
      if (sample === 1) assertMostAsked(history.read().samples[0]?.namespaces ?? {});
    }
    history.close();
    const { samples } = history.read();
    assert.equal(samples.length, HOUR_MS / 10_000);
    assert.deepEqual(samples[0]?.namespaces, {});
  });

  function assertMostAsked(namespaces: Readonly<Record<string, { readonly misses: number }>>): void {
    const names = Object.keys(namespaces);
    assert.deepEqual([names.length, names[0], names.at(-1)], [21, "space29", "(other)"]);
    assert.equal(namespaces["(other)"]?.misses, 10);
  }

  /** A sample is taken behind the clock's back, as levels are asked. */
  async function settled(count: number, keeper?: CacheHistoryKeeper): Promise<CacheHistory> {
    for (;;) {
      const history = keeper?.read() ?? (await get<CacheHistory>("/api/cache/history"));
      const last = history.samples.at(-1);
      if (history.samples.length >= count && Date.parse(last?.at ?? "") === clock.now()) return history;
      await cache.stats();
    }
  }
});

describe("GET /api/cache/entries", () => {
  it("gives pages by key over all levels, with what is known of each and no value", async () => {
    const keys = ["b", "a:1", "a:10", "a:2", "a:3", "c:\u{1F33E}"];
    for (const key of keys) await cache.set(key, `the value of ${key}`, { tags: ["t"], ttl: "10s", jitter: 0 });
    await cache.set("below", 1, { levels: { memory: false }, ttl: "10s" });
    await cache.set("above", 1, { levels: { database: false, files: false }, ttl: "10s" });
    await cache.flush();
    await clock.advance(4_000);
    const seen: string[] = [];
    let next: string | null = "";
    while (next !== null) {
      const cursor: string = next === "" ? "" : `&cursor=${next}`;
      const page: CacheEntriesPage = await get(`/api/cache/entries?limit=3${cursor}`);
      seen.push(...keysOf(page));
      next = page.next;
    }
    assert.deepEqual(seen, ["a:1", "a:10", "a:2", "a:3", "above", "b", "below", "c:\u{1F33E}"]);
    const page = await get<CacheEntriesPage>("/api/cache/entries?pattern=a:*&limit=1");
    const { createdAt, bytes, ...rest } = page.items[0] ?? assert.fail();
    assert.deepEqual(rest, {
      key: "a:1",
      levels: ["memory", "database"],
      ageMs: 4_000,
      ttlLeftMs: 6_000,
      graceLeftMs: 0,
      tags: ["t"],
      isError: false,
    });
    assert.equal(clock.now() - Date.parse(createdAt), 4_000);
    assert.ok(bytes > 10);
    assert.doesNotMatch(JSON.stringify(page), /the value of/);
    assert.deepEqual((await get<CacheView>("/api/cache")).total.hits, { memory: 0, database: 0, files: 0 });
  });

  it("leaves out what is dead or evicted, and does not end a page early for it", async () => {
    for (let at = 10; at < 40; at++) await cache.set(`k:${at}`, at, { ttl: at % 3 === 0 ? "1s" : "1h", jitter: 0 });
    await cache.evict({ kind: "pattern", pattern: "k:1*" });
    await clock.advance(2_000);
    const first = await get<CacheEntriesPage>("/api/cache/entries?pattern=k:*&limit=7");
    assert.deepEqual(keysOf(first), ["k:20", "k:22", "k:23", "k:25", "k:26", "k:28", "k:29"]);
    const second = await get<CacheEntriesPage>(`/api/cache/entries?pattern=k:*&limit=7&cursor=${first.next}`);
    assert.deepEqual([keysOf(second).length, keysOf(second)[0], second.next], [6, "k:31", null]);
  });

  it("refuses a cursor of another pattern, and an unknown parameter", async () => {
    await cache.set("a", 1);
    await cache.set("b", 1);
    const { next } = await get<CacheEntriesPage>("/api/cache/entries?limit=1");
    assert.equal((await get<Problem>(`/api/cache/entries?pattern=a*&cursor=${next}`)).code, "CURSOR_INVALID");
    assert.equal((await get<Problem>("/api/cache/entries?patern=a")).code, "INPUT_INVALID");
  });
});

describe("GET /api/cache/entries/:key", () => {
  it("shows a value as JSON, whatever it is made of", async () => {
    const key = "things: with/slash & ünicode";
    await cache.set(key, {
      at: new Date("2026-01-01"),
      names: new Map([["a", 1n]]),
      pairs: new Map([[1, 2]]),
      set: new Set([1]),
      bytes: new Uint8Array(5),
    });
    assert.deepEqual((await get<CacheEntryDetail>(entryUrl(key))).value, {
      at: "2026-01-01T00:00:00.000Z",
      names: { a: "1" },
      pairs: [[1, 2]],
      set: [1],
      bytes: { bytes: 5 },
    });
  });

  it("finds a key as long as a statement", async () => {
    const key = `query:all:${"x".repeat(8_000)}`;
    await cache.set(key, 1);
    assert.equal((await get<CacheEntryDetail>(entryUrl(key))).value, 1);
  });

  it("shows how a long value begins, and an error that is kept", async () => {
    await cache.set("long", long());
    const { value, preview, bytes } = await get<CacheEntryDetail>(entryUrl("long"));
    assert.deepEqual([value, preview?.[0], preview?.length], [undefined, '"', 2_000]);
    assert.ok(bytes >= 70_000);
    const failing = cache.getOrSet("bad", () => Promise.reject(new Error("no luck")), {
      negativeTtl: "1m",
      isNegative: () => true,
    });
    await assert.rejects(failing);
    const bad = await get<CacheEntryDetail>(entryUrl("bad"));
    assert.deepEqual([bad.isError, bad.value], [true, { code: "Error", message: "no luck" }]);
  });

  it("says so when there is nothing", async () => {
    const { code, detail } = await get<Problem>(entryUrl("user:none"));
    assert.deepEqual([code, detail], ["NOT_FOUND", "The cache holds nothing under user:none."]);
  });
});

describe("invalidating over HTTP", () => {
  const invalidate = <T>(body: object): Promise<T> => ask<T>("POST", "/api/cache/invalidate", body);
  const value = async (key: string): Promise<unknown> => (await cache.get(key))?.value;

  beforeEach(async () => {
    await cache.set("a:1", 1, { tags: ["odd"], staleIfError: "1h" });
    await cache.set("a:2", 2);
    await cache.set("b:1", 3, { tags: ["odd"] });
  });

  it("evicts by key, tag and pattern, on every level", async () => {
    const answer = await invalidate<CacheInvalidatedView>({ key: ["a:2", "c"], tag: "odd" });
    assert.deepEqual(answer, {
      mode: "evict",
      scopes: [
        { kind: "key", name: "a:2" },
        { kind: "key", name: "c" },
        { kind: "tag", name: "odd" },
      ],
    });
    for (const key of ["a:1", "a:2", "b:1"]) assert.equal(await value(key), undefined);
    await cache.set("a:1", 1);
    await invalidate({ pattern: "a:*" });
    assert.equal(await value("a:1"), undefined);
  });

  it("expires: what has grace may still be served, as stale", async () => {
    await invalidate({ mode: "expire", pattern: "**", confirm: true });
    assert.deepEqual([(await cache.get("a:1"))?.isStale, await value("a:2")], [true, undefined]);
  });

  it("asks to confirm what reaches everything", async () => {
    for (const pattern of ["**", "*:*", "**:*"]) {
      const { code, errors } = await invalidate<Problem>({ pattern });
      assert.deepEqual([code, errors?.[0]?.pointer], ["INPUT_INVALID", "/pattern"]);
    }
    assert.equal(await value("a:1"), 1);
    await invalidate({ pattern: "*:*", confirm: true });
    assert.equal(await value("a:1"), undefined);
  });

  it("clears", async () => {
    await ask("DELETE", "/api/cache");
    assert.deepEqual((await get<CacheEntriesPage>("/api/cache/entries")).items, []);
  });

  it("names what is missing or wrong, and changes nothing", async () => {
    for (const [body, pointer] of [
      [{}, ""],
      [{ mode: "delete", key: "a:1" }, "/mode"],
      [{ keys: "a:1" }, ""],
      [{ key: [] }, "/key"],
      [{ tag: 5 }, "/tag"],
    ] as const) {
      const { code, errors } = await invalidate<Problem>(body);
      assert.deepEqual([code, errors?.[0]?.pointer], ["INPUT_INVALID", pointer], JSON.stringify(body));
    }
    assert.equal(await value("a:1"), 1);
  });
});

describe("POST /api/cache/warm", () => {
  it("runs one loader or all, and tells what was made", async () => {
    const one = await ask<{ items: readonly CacheWarmingView[] }>("POST", "/api/cache/warm", { loader: "plans" });
    assert.deepEqual(one.items, [{ loader: "plans", made: 1, failed: 0 }]);
    assert.equal(cache.peek("plan:1"), "one");
    const all = await ask<{ items: readonly CacheWarmingView[] }>("POST", "/api/cache/warm");
    assert.deepEqual(
      all.items.map(({ loader, failed }) => [loader, failed]),
      [
        ["plans", 0],
        ["broken", 1],
      ],
    );
    assert.equal((await get<CacheView>("/api/cache")).warming[0]?.made, 2);
  });

  it("names the loaders that there are", async () => {
    const { code, detail, advice } = await ask<Problem>("POST", "/api/cache/warm", { loader: "plan" });
    assert.deepEqual([code, advice], ["NOT_FOUND", "The loaders are plans, broken."]);
    assert.match(detail, /Did you mean "plans"\?/);
  });
});

describe("answers to similar questions over HTTP", () => {
  const hits = async (): Promise<readonly SimilarHitView[]> =>
    (await get<{ items: readonly SimilarHitView[] }>("/api/cache/similar?limit=5")).items;
  const reject = <T>(id: string): Promise<T> => ask<T>("POST", `/api/cache/similar/${id}/reject`);
  const partition = { namespace: "faq", scope: { tenant: "t", shared: "all" }, model: "test/model" } as const;

  it("are listed with both questions, and one that was wrong is never given again", async () => {
    const finder = createSimilar({
      embedder: createHashEmbedder(),
      clock,
      random: systemRandom,
      namespaces: { faq: { sampleRate: 1 } },
    });
    similar = finder;
    const prompt = "How do I reset my password?";
    const lookUp = () => finder.lookup({ partition, prompt: "how do I reset my password" });
    await finder.store({ partition, prompt, entryId: "faq:1", expiresAt: clock.now() + HOUR_MS });
    await clock.advance(1_000);
    assert.equal((await lookUp()).kind, "hit");
    const { id, ...shown } = (await hits())[0] ?? assert.fail();
    assert.deepEqual(shown, {
      at: new Date(clock.now()).toISOString(),
      namespace: "faq",
      asked: "how do I reset my password",
      matched: prompt,
      similarity: 1,
      guards: ["same-words"],
      isVerified: false,
      ageMs: 1_000,
      verdict: null,
    });
    assert.deepEqual(await reject(id), { id, verdict: "rejected" });
    assert.equal((await hits())[0]?.verdict, "rejected");
    assert.equal((await lookUp()).kind, "miss");
    assert.equal((await reject<Problem>(id)).code, "NOT_FOUND");
    const stats = (await get<CacheView>("/api/cache")).similar;
    assert.deepEqual([stats?.hits, stats?.rejected], [1, 1]);
    assert.partialDeepStrictEqual(stats?.falseReuse, [{ namespace: "faq", sampled: 1, wrong: 1, rate: 1 }]);
  });

  it("are none before anybody asked for one", async () => {
    assert.deepEqual(await hits(), []);
    assert.equal((await reject<Problem>("x")).code, "NOT_FOUND");
  });
});
