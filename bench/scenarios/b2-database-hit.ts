import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createIds, systemClock, systemRandom } from "millrace";
import {
  bounded,
  connectRedis,
  createCodec,
  type Level,
  openRedisBackend,
  openSqliteBackend,
  type StoredEntry,
} from "millrace/cache";
import { openSqliteStore } from "millrace/sqlite";
import { measurePaired, ratio, type Side } from "../harness/paired.ts";
import type { BenchContext, Scenario } from "../harness/scenario.ts";
import { openBenchRedis } from "../sides/redis.ts";

const KEYS = 20_000;
const READS = 5_000;
const TARGET = 1.5;
const BARE = "bare node:sqlite";
const OURS = "millrace, SQLite";
const BENTO = "bentocache, Redis";
const CACHEABLE = "cacheable, Redis";

/** B2: a hit in the database level. */
export const databaseHit: Scenario = {
  id: "B2",
  title: "a hit in the database level",
  description:
    "Reading and decoding one of 20,000 answers of about 2 KB, one after another: `node:sqlite` with a prepared statement and the same decoder, Millrace's SQLite level behind its deadline and breaker, the same on Redis, and bentocache and cacheable with Redis as their only level (cacheable through a store of three lines over ioredis). Wall time of a hit.",
  target: `at most ${TARGET} of bare node:sqlite, and faster than every Redis tier`,
  async run(context) {
    const closers: (() => unknown)[] = [];
    try {
      const redis = await openBenchRedis(context.directory, ["--save", "", "--appendonly", "no"]);
      closers.push(() => redis.close());
      const url = `redis://127.0.0.1:${redis.port}`;
      const sides: Side[] = [
        await bareSqlite(context, closers),
        await ours(context, closers),
        await oursOnRedis(url, closers),
        await bentocache(url, closers),
        await cacheable(url, closers),
      ];
      const rows = await measurePaired(sides, { rounds: 9 });
      const ratios = {
        "to bare node:sqlite": ratio(rows, OURS, BARE),
        "to bentocache on Redis": ratio(rows, OURS, BENTO),
        "to cacheable on Redis": ratio(rows, OURS, CACHEABLE),
      };
      const met =
        ratios["to bare node:sqlite"] <= TARGET &&
        ratios["to bentocache on Redis"] < 1 &&
        ratios["to cacheable on Redis"] < 1;
      return { rows, ratios, met };
    } finally {
      for (const close of closers.toReversed()) await close();
    }
  },
};

const codec = createCodec();

function answer(n: number): object {
  return {
    id: n,
    text: `Answer ${n}: turn the lamp on at dusk. `.repeat(48),
    usage: { input: 1_200, output: 340 },
    tags: ["lamp"],
  };
}

function keyOf(n: number): string {
  return `answers:${n % 97}:${n}`;
}

/** Keys in an order that no page cache loves. */
function readKeys(round: number): string[] {
  return Array.from({ length: READS }, (_, index) => keyOf(((index + round * READS) * 7_919) % KEYS));
}

function side(name: string, read: (key: string) => unknown): Side {
  return {
    name,
    unit: "µs",
    async measure(round) {
      const keys = readKeys(round + 1);
      const startedAt = performance.now();
      for (const key of keys) if ((await read(key)) === undefined) throw new Error(`${name} has lost ${key}`);
      return ((performance.now() - startedAt) * 1_000) / keys.length;
    },
  };
}

async function bareSqlite({ directory }: BenchContext, closers: (() => unknown)[]): Promise<Side> {
  const database = new DatabaseSync(join(directory, "bare.db"));
  closers.push(() => database.close());
  database.exec("pragma journal_mode = wal; pragma synchronous = normal; pragma cache_size = -65536");
  database.exec(
    "create table entries (id integer primary key, key text not null unique, dead_at integer, payload blob not null)",
  );
  const put = database.prepare("insert into entries (key, dead_at, payload) values (?, ?, ?)");
  database.exec("begin");
  for (let n = 0; n < KEYS; n++) put.run(keyOf(n), Number.MAX_SAFE_INTEGER, codec.encode(answer(n)));
  database.exec("commit");
  const get = database.prepare("select dead_at, payload from entries where key = ?");
  return side(BARE, (key) => {
    const row = get.get(key);
    return row !== undefined && Number(row["dead_at"]) > Date.now()
      ? codec.decode(row["payload"] as Uint8Array)
      : undefined;
  });
}

async function ours({ directory }: BenchContext, closers: (() => unknown)[]): Promise<Side> {
  const store = await openSqliteStore({ directory: join(directory, "millrace"), clock: systemClock });
  closers.push(() => store.close());
  const ids = createIds({ clock: systemClock, random: systemRandom });
  const backend = await openSqliteBackend({ db: store.db, clock: systemClock, ids });
  closers.push(() => backend.close());
  return levelSide(OURS, backend.level, backend.journal.position());
}

async function oursOnRedis(url: string, closers: (() => unknown)[]): Promise<Side> {
  const connections = await connectRedis(url);
  closers.push(() => connections.close());
  const ids = createIds({ clock: systemClock, random: systemRandom });
  const backend = await openRedisBackend({ ...connections, clock: systemClock, ids });
  closers.push(() => backend.close());
  return levelSide("millrace, Redis", backend.level, backend.journal.position());
}

async function levelSide(name: string, raw: Level | undefined, position: number): Promise<Side> {
  if (raw === undefined) throw new Error(`${name} has no level`);
  const level = bounded(raw, { clock: systemClock });
  const createdAt = Date.now();
  const meta = { createdAt, staleAt: createdAt + 3_600_000, deadAt: createdAt + 7_200_000, position, isError: false };
  for (let start = 0; start < KEYS; start += 500) {
    const entries = Array.from({ length: 500 }, (_, index): StoredEntry => {
      const n = start + index;
      return { key: keyOf(n), meta: { ...meta, tags: ["lamp"] }, payload: codec.encode(answer(n)) };
    });
    await raw.set(entries);
  }
  return side(name, async (key) => {
    const entry = await level.get(key);
    return entry !== undefined && entry.meta.deadAt > Date.now() ? codec.decode(entry.payload) : undefined;
  });
}

/* The peers are installed beside the benchmarks alone, so their types are not there when the rest is checked. */
const PEERS = new URL("../peers/node_modules/", import.meta.url);

async function peer<T>(path: string): Promise<T> {
  return (await import(new URL(path, PEERS).href)) as T;
}

interface Bento {
  readonly BentoCache: new (options: object) => {
    get(options: { readonly key: string }): Promise<unknown>;
    set(options: { readonly key: string; readonly value: unknown; readonly ttl: string }): Promise<unknown>;
    disconnectAll(): Promise<void>;
  };
  bentostore(): { useL2Layer(driver: unknown): unknown };
}

async function bentocache(url: string, closers: (() => unknown)[]): Promise<Side> {
  const bento = await peer<Bento>("bentocache/build/index.js");
  const drivers = await peer<{ redisDriver(options: object): unknown }>("bentocache/build/src/drivers/redis.js");
  const { hostname: host, port } = new URL(url);
  const store = bento.bentostore().useL2Layer(drivers.redisDriver({ connection: { host, port: Number(port) } }));
  const cache = new bento.BentoCache({ default: "redis", stores: { redis: store } });
  closers.push(() => cache.disconnectAll());
  for (let n = 0; n < KEYS; n++) await cache.set({ key: keyOf(n), value: answer(n), ttl: "2h" });
  return side(BENTO, (key) => cache.get({ key }));
}

interface KeyvModule {
  readonly Keyv: new (options: { readonly store: unknown }) => unknown;
}
interface CacheableModule {
  readonly Cacheable: new (options: object) => {
    get(key: string): Promise<unknown>;
    set(key: string, value: unknown, ttl: number): Promise<unknown>;
  };
}

async function cacheable(url: string, closers: (() => unknown)[]): Promise<Side> {
  const { Keyv } = await peer<KeyvModule>("keyv/dist/index.js");
  const { Cacheable } = await peer<CacheableModule>("cacheable/dist/index.mjs");
  const connections = await connectRedis(url);
  const { client } = connections;
  closers.push(() => connections.close());
  const store = {
    get: (key: string) => client.call("GET", [`cacheable:${key}`]),
    set: (key: string, value: string, ttl = 7_200_000) => client.call("SET", [`cacheable:${key}`, value, "PX", ttl]),
    delete: (key: string) => client.call("UNLINK", [`cacheable:${key}`]),
    clear: async () => undefined,
  };
  const cache = new Cacheable({ primary: new Keyv({ store }) });
  for (let n = 0; n < KEYS; n++) await cache.set(keyOf(n), answer(n), 7_200_000);
  return side(CACHEABLE, (key) => cache.get(key));
}
