import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { z } from "zod";
import { createCache, type OpenCache } from "../cache/create-cache.ts";
import { createMemoryLevel } from "../cache/memory/memory-level.ts";
import { createQueryCache, type QueryCache } from "../cache/query-cache.ts";
import { openSqliteBackend } from "../cache/sqlite/open.ts";
import { systemClock } from "../core/clock.ts";
import { MillraceError } from "../core/errors.ts";
import { createEvents } from "../core/events.ts";
import { createIds } from "../core/ids.ts";
import { createLog } from "../core/log.ts";
import { createManualClock, type ManualClock } from "../core/manual-clock.ts";
import { systemRandom } from "../core/random.ts";
import { defineAutomation } from "../runs/automation.ts";
import { createEngine } from "../runs/create-engine.ts";
import type { Engine } from "../runs/engine.ts";
import { on } from "../runs/trigger.ts";
import { openSqliteStore } from "../store/sqlite/open.ts";
import type { Store } from "../store/store.ts";
import { type Route, route, type RouteCache } from "./route.ts";
import { createServer, type Server } from "./server.ts";
import { WithStatus } from "./with-status.ts";

const LOCAL = { host: "127.0.0.1:8018" };
const log = createLog({ level: "silent" });
const ids = createIds({ clock: systemClock, random: systemRandom });
const wave = defineAutomation("wave", { on: [on.manual()] }, async () => ({}));

/** What stands on one store, as a process has it. */
interface Process {
  readonly store: Store;
  readonly cache: OpenCache;
  readonly queries: QueryCache;
  readonly engine: Engine;
  /** Reads of the database so far, those of the cache's journal included. */
  readonly reads: () => number;
  close(): Promise<void>;
}

let folder = "";
let here: Process;
let there: Process;
let clock: ManualClock;
let server: Server | undefined;
let made = 0;

async function openProcess(): Promise<Process> {
  const store = await openSqliteStore({ directory: folder, clock: systemClock, log });
  let reads = 0;
  const db: Store["db"] = {
    ...store.db,
    get: (sql, params) => (reads++, store.db.get(sql, params)),
    all: (sql, params) => (reads++, store.db.all(sql, params)),
  };
  const backend = await openSqliteBackend({ db, clock: systemClock, ids });
  const cache = createCache({ memory: createMemoryLevel(), backend, clock, random: systemRandom });
  const engine = createEngine({
    store,
    automations: [wave],
    services: () => ({}),
    clock: systemClock,
    random: systemRandom,
    ids,
    events: createEvents(),
    log,
    timezone: "UTC",
  });
  return {
    store: { ...store, db },
    cache,
    queries: createQueryCache({ cache, db }),
    engine,
    reads: () => reads,
    async close() {
      await engine.close();
      await cache.close();
      await store.close();
    },
  };
}

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "millrace-responses-"));
  clock = createManualClock();
  here = await openProcess();
  there = await openProcess();
  await here.store.db.write([{ sql: "create table shelves (id text primary key, size integer)" }]);
});
after(async () => {
  await server?.close();
  await there.close();
  await here.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  made = 0;
  await here.cache.clear();
  await here.cache.flush();
});

async function serve(...routes: readonly Route[]): Promise<void> {
  await server?.close();
  server = await createServer({
    host: "127.0.0.1",
    port: 0,
    version: "1",
    timezone: "UTC",
    providers: [],
    store: here.store,
    engine: here.engine,
    cache: { cache: here.cache, similarIfOpen: () => undefined, warming: () => undefined },
    principalOf: ({ headers }) => ({ id: String(headers["x-who"] ?? "loopback") }),
    role: () => "owner",
    routes,
    dashboard: join(folder, "none"),
    events: createEvents(),
    clock: systemClock,
    ids,
    log,
  });
}

interface Got {
  readonly status: number;
  readonly from: unknown;
  readonly etag: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

async function get(url: string, headers: object = {}, method: "GET" | "HEAD" | "POST" = "GET"): Promise<Got> {
  const answer = await server?.inject({ method, url, headers: { ...LOCAL, ...headers } });
  assert.ok(answer);
  return {
    status: answer.statusCode,
    from: answer.headers["x-cache"],
    etag: String(answer.headers["etag"]),
    headers: answer.headers,
    text: answer.payload,
  };
}

/** Tells how often it was made. */
function counting(cache: RouteCache): Route {
  return route({
    method: "GET",
    path: "/api/count",
    summary: "Counts.",
    query: z.object({ a: z.string().optional(), b: z.string().optional() }),
    cache,
    handle: () => ({ made: ++made }),
  });
}

const SHELVES = { tables: ["shelves"], isStrict: true, levels: { database: false, files: false } } as const;

const shelves = (): Route =>
  route({
    method: "GET",
    path: "/api/shelves",
    summary: "Lists shelves.",
    cache: {},
    handle: async () => ({
      items: await here.queries.all("select * from shelves order by id", {}, SHELVES),
    }),
  });
const insert = (id: string) => ({ sql: "insert into shelves (id) values (:id)", params: { id } });

describe("a cached route", () => {
  it("answers again without reading, says so, and how old the answer is", async () => {
    await serve(shelves());
    assert.equal((await get("/api/shelves")).from, "miss");
    const reads = here.reads();
    await clock.advance(3_000);
    const again = await get("/api/shelves");
    assert.deepEqual([again.status, again.from, again.headers["age"]], [200, "hit", "3"]);
    assert.equal(here.reads(), reads);
    assert.equal((await get("/api/shelves", {}, "HEAD")).from, "hit");
  });

  it("shows what was written a moment ago, by this process or by another one", async () => {
    await serve(shelves());
    for (const [process, id] of [
      [here, "a"],
      [there, "b"],
      [here, "c"],
      [there, "d"],
    ] as const) {
      await get("/api/shelves");
      assert.equal((await get("/api/shelves")).from, "hit");
      await process.queries.write([insert(id)], { tables: ["shelves"] });
      const { from, text } = await get("/api/shelves");
      assert.equal(from, "miss");
      assert.match(text, new RegExp(`"id":"${id}"`));
    }
  });

  it("never keeps an answer that was read before a write and made after it", async () => {
    const gate = Promise.withResolvers<undefined>();
    const isReading = Promise.withResolvers<undefined>();
    await serve(
      route({
        method: "GET",
        path: "/api/slow",
        summary: "Reads, and takes its time.",
        cache: {},
        handle: async () => {
          const rows = await here.queries.all("select id from shelves", {}, { tables: ["shelves"] });
          isReading.resolve(undefined);
          await gate.promise;
          return { items: rows };
        },
      }),
    );
    const old = get("/api/slow");
    await isReading.promise;
    await here.queries.write([insert("late")], { tables: ["shelves"] });
    const young = get("/api/slow");
    gate.resolve(undefined);
    assert.doesNotMatch((await old).text, /late/);
    assert.match((await young).text, /late/);
    assert.match((await get("/api/slow")).text, /late/);
  });

  it("keeps answers apart by principal, query and named headers, and knows one query in any order", async () => {
    await serve(counting({ ttl: "1m", vary: ["accept-language"] }));
    const texts = new Set<string>();
    for (const [url, headers] of [
      ["/api/count?a=1&b=2", {}],
      ["/api/count?a=2&b=1", {}],
      ["/api/count", {}],
      ["/api/count", { "x-who": "somebody" }],
      ["/api/count", { "accept-language": "nl" }],
    ] as const) {
      const { from, text } = await get(url, headers);
      assert.equal(from, "miss");
      texts.add(text);
    }
    assert.equal(texts.size, 5);
    const turned = await get("/api/count?b=2&a=1", { accept: "text/html" });
    assert.deepEqual([turned.from, turned.headers["vary"]], ["hit", "accept-language"]);
  });

  it("gives one answer to all where it is public, and lets shared caches know", async () => {
    await serve(counting({ ttl: "1m", isPublic: true }));
    await get("/api/count", { "x-who": "one" });
    const { from, headers } = await get("/api/count", { "x-who": "two" });
    assert.deepEqual([from, headers["cache-control"]], ["hit", "public, no-cache"]);
  });

  it("makes one answer for many who ask at once", async () => {
    await serve(counting({ ttl: "1m" }));
    const all = await Promise.all(Array.from({ length: 20 }, () => get("/api/count")));
    assert.equal(made, 1);
    assert.deepEqual(new Set(all.map(({ text }) => text)), new Set(['{"made":1}']));
    assert.equal(all.filter(({ from }) => from === "miss").length, 1);
  });

  it("goes after its time, when its tag is invalidated, and when its version changes", async () => {
    let version = 1;
    await serve(counting({ ttl: "5s", tags: ["counts"], version: () => version }));
    const text = async (): Promise<string> => (await get("/api/count")).text;
    assert.equal(await text(), await text());
    await clock.advance(5_001);
    assert.equal(await text(), '{"made":2}');
    await there.cache.evict({ kind: "tag", tag: "counts" });
    assert.equal(await text(), '{"made":3}');
    version = 2;
    assert.equal(await text(), '{"made":4}');
    assert.equal(await text(), '{"made":4}');
  });

  it("is not kept when nothing says how long or on what it depends, nor when the route says so", async () => {
    await serve(counting({}));
    for (const _ of [1, 2]) assert.equal((await get("/api/count")).from, "miss");
    await serve(counting({ ttl: "1m", isKept: (answer) => (answer as { made: number }).made > 3 }));
    assert.deepEqual(
      [(await get("/api/count")).from, (await get("/api/count")).from, (await get("/api/count")).from],
      ["miss", "miss", "hit"],
    );
  });

  it("keeps no error and no status but 200", async () => {
    const answers = [
      () => new WithStatus(503, { ready: false }),
      () => {
        throw new MillraceError("NOT_FOUND", "There is none.");
      },
      () => ({ ready: true }),
    ];
    await serve(
      route({
        method: "GET",
        path: "/api/some",
        summary: "Answers.",
        cache: { ttl: "1m" },
        handle: () => answers.shift()?.(),
      }),
    );
    const statuses: number[] = [];
    for (const _ of [1, 2, 3, 4]) statuses.push((await get("/api/some")).status);
    assert.deepEqual(statuses, [503, 404, 200, 200]);
  });

  it("says at the start that only GET can be cached", async () => {
    const post = route({ method: "POST", path: "/api/x", summary: "Does.", cache: { ttl: 1 }, handle: () => ({}) });
    await assert.rejects(serve(post), /POST \/api\/x cannot be cached/);
    server = undefined;
  });
});

describe("an ETag", () => {
  it("spares a client the body that it has, of cached and of other routes", async () => {
    const uncached = route({ method: "GET", path: "/api/same", summary: "Answers.", handle: () => ({ same: true }) });
    await serve(shelves(), uncached);
    for (const url of ["/api/shelves", "/api/same"]) {
      const { etag, status } = await get(url);
      assert.equal(status, 200);
      const same = await get(url, { "if-none-match": `"other", ${etag}` });
      assert.deepEqual([same.status, same.text, same.etag], [304, "", etag]);
      assert.equal((await get(url, { "if-none-match": '"other"' })).status, 200);
    }
  });

  it("changes with the answer", async () => {
    await serve(shelves());
    const { etag } = await get("/api/shelves");
    await here.queries.write([insert("etag")], { tables: ["shelves"] });
    const { status } = await get("/api/shelves", { "if-none-match": etag });
    assert.equal(status, 200);
  });
});

describe("lists of automations and runs", () => {
  it("are kept, and show every run that was started or ended since, by whatever process", async () => {
    await serve();
    for (const url of ["/api/automations", "/api/runs"]) {
      await get(url);
      assert.equal((await get(url)).from, "hit", url);
      for (const process of [here, there]) {
        const { runId } = await process.engine.trigger("wave");
        assert.match((await get(url)).text, new RegExp(`"id":"${runId}"[^}]*"status":"queued"`));
        assert.equal((await get(url)).from, "miss", "a run under way changes by the minute");
        await process.engine.cancel(runId);
        assert.match((await get(url)).text, new RegExp(`"id":"${runId}"[^}]*"status":"canceled"`));
        assert.equal((await get(url)).from, "hit", url);
      }
    }
  });
});
