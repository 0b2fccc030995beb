import { createSeededRandom, systemClock, systemRandom } from "millrace";
import { createCache, createMemoryLevel } from "millrace/cache";
import { measurePaired, ratio, type Side } from "../harness/paired.ts";
import { importPeer } from "../harness/peers.ts";
import type { Scenario } from "../harness/scenario.ts";

const KEYS = 10_000;
const LOOKUPS = 65_536;
const GET_TURNS = 20;
const ROUNDS = 9;
const META = { createdAt: 0, staleAt: Number.MAX_SAFE_INTEGER, deadAt: Number.MAX_SAFE_INTEGER };
const GET_TARGET = 1;
const GET_OR_SET_TARGET = 20;

interface LruCache {
  get(key: string): unknown;
  set(key: string, value: unknown): void;
}
interface GetOrSet {
  (key: string, make: () => Promise<unknown>): Promise<unknown>;
}

/** B1: a hit in memory, through the synchronous door and through `getOrSet`. */
export const memoryHit: Scenario = {
  id: "B1",
  title: "a hit in memory",
  description: `Answers of about 2 KB under ${KEYS.toLocaleString("en-US")} keys, asked for at random; nanoseconds of CPU for each, and of wall time for ours and the nearest peer. get: the memory level's peek and the cache's peek (which also checks age, invalidations and counts) against lru-cache, which does none of that, and against lru-cache with a TTL. getOrSet: awaited one after another, against bentocache, cacheable and cache-manager, memory alone, each with its defaults.`,
  target: `the memory level and the cache's peek at least as fast as lru-cache; getOrSet ${GET_OR_SET_TARGET} times bentocache`,
  async run({ seed }) {
    const random = createSeededRandom(seed);
    const keys = Array.from({ length: KEYS }, (_, index) => `answers:summary:${index}`);
    const order = Array.from({ length: LOOKUPS }, () => keys[Math.floor(random.next() * KEYS)] ?? "");
    const { gets, close } = await openGets(keys);
    const getOrSets = await openGetOrSets(keys);
    const rows = await measurePaired(
      [
        ...Object.entries(gets).map(([name, get]): Side => getSide(`get: ${name}`, "cpu", get, order)),
        getSide("get, wall: lru-cache", "wall", gets["lru-cache"], order),
        getSide("get, wall: millrace memory level", "wall", gets["millrace memory level"], order),
        getSide("get, wall: millrace peek", "wall", gets["millrace peek"], order),
        ...Object.entries(getOrSets).map(([name, { run, count }]): Side => ({
          name: `getOrSet: ${name}`,
          unit: "ns",
          measure: () => nsForEach("cpu", count, () => awaitAll(run, order, count)),
        })),
        {
          name: "getOrSet, wall: millrace",
          unit: "ns",
          measure: () => nsForEach("wall", LOOKUPS, () => awaitAll(getOrSets.millrace.run, order, LOOKUPS)),
        },
      ],
      { rounds: ROUNDS },
    );
    await close();
    await getOrSets.millrace.close();
    const ratios = {
      "get, lru-cache to the memory level": ratio(rows, "get: lru-cache", "get: millrace memory level"),
      "get, lru-cache to the cache's peek": ratio(rows, "get: lru-cache", "get: millrace peek"),
      "get, lru-cache with a TTL to the cache's peek": ratio(rows, "get: lru-cache with ttl", "get: millrace peek"),
      "getOrSet, bentocache to millrace": ratio(rows, "getOrSet: bentocache", "getOrSet: millrace"),
      "getOrSet, cacheable to millrace": ratio(rows, "getOrSet: cacheable", "getOrSet: millrace"),
      "getOrSet, cache-manager to millrace": ratio(rows, "getOrSet: cache-manager", "getOrSet: millrace"),
    };
    const met =
      ratios["get, lru-cache to the memory level"] >= GET_TARGET &&
      ratios["get, lru-cache to the cache's peek"] >= GET_TARGET &&
      ratios["getOrSet, bentocache to millrace"] >= GET_OR_SET_TARGET;
    return { rows, ratios, met };
  },
};

function answer(key: string): { readonly text: string; readonly key: string } {
  return { key, text: "A kept answer. ".repeat(130) };
}

async function openGets(keys: readonly string[]) {
  const { LRUCache } = await importPeer<{ LRUCache: new (options: { max: number; ttl?: number }) => LruCache }>(
    "lru-cache",
  );
  const lru = new LRUCache({ max: KEYS });
  const lruTtl = new LRUCache({ max: KEYS, ttl: 3_600_000 });
  const level = createMemoryLevel({ maxItems: KEYS });
  const cache = openCache();
  for (const key of keys) {
    lru.set(key, answer(key));
    lruTtl.set(key, answer(key));
    level.set({ key, value: answer(key), meta: { ...META, tags: [], position: 0, isError: false }, bytes: 2_000 });
    await cache.set(key, answer(key));
  }
  return {
    gets: {
      "lru-cache": (key: string): unknown => lru.get(key),
      "lru-cache with ttl": (key: string): unknown => lruTtl.get(key),
      "millrace memory level": (key: string): unknown => level.peek(key),
      "millrace peek": (key: string): unknown => cache.peek(key),
    },
    close: () => cache.close(),
  };
}

function openCache() {
  return createCache({
    memory: createMemoryLevel({ maxItems: KEYS }),
    clock: systemClock,
    random: systemRandom,
    defaults: { ttl: "1h" },
  });
}

async function openGetOrSets(keys: readonly string[]) {
  const cache = openCache();
  const sides = {
    bentocache: { run: await openBentocache(), count: LOOKUPS / 8 },
    cacheable: { run: await openCacheable(), count: LOOKUPS / 8 },
    "cache-manager": { run: await openCacheManager(), count: LOOKUPS / 8 },
    millrace: {
      run: ((key, make) => cache.getOrSet(key, make)) as GetOrSet,
      count: LOOKUPS,
      close: () => cache.close(),
    },
  };
  for (const { run } of Object.values(sides)) for (const key of keys) await run(key, async () => answer(key));
  return sides;
}

async function openBentocache(): Promise<GetOrSet> {
  const { BentoCache, bentostore } = await importPeer<{
    BentoCache: new (options: unknown) => {
      getOrSet(options: { key: string; ttl: string; factory: () => Promise<unknown> }): Promise<unknown>;
    };
    bentostore: () => { useL1Layer(driver: unknown): unknown };
  }>("bentocache");
  const { memoryDriver } = await importPeer<{ memoryDriver: (options: unknown) => unknown }>(
    "bentocache/drivers/memory",
  );
  const store = bentostore().useL1Layer(memoryDriver({ maxItems: KEYS }));
  const bento = new BentoCache({ default: "memory", stores: { memory: store } });
  return (key, factory) => bento.getOrSet({ key, ttl: "1h", factory });
}

async function openCacheable(): Promise<GetOrSet> {
  const { Cacheable } = await importPeer<{
    Cacheable: new (options: unknown) => {
      getOrSet(key: string, make: () => Promise<unknown>, options: unknown): Promise<unknown>;
    };
  }>("cacheable");
  const cacheable = new Cacheable({ ttl: "1h" });
  return (key, make) => cacheable.getOrSet(key, make, { ttl: "1h" });
}

async function openCacheManager(): Promise<GetOrSet> {
  const { createCache: create } = await importPeer<{
    createCache: (options: unknown) => { wrap: GetOrSet };
  }>("cache-manager");
  const manager = create({ ttl: 3_600_000 });
  return (key, make) => manager.wrap(key, make);
}

function getSide(name: string, time: "cpu" | "wall", get: (key: string) => unknown, order: readonly string[]): Side {
  return {
    name,
    unit: "ns",
    measure: () => nsForEach(time, LOOKUPS * GET_TURNS, async () => lookUp(get, order)),
  };
}

function lookUp(get: (key: string) => unknown, order: readonly string[]): void {
  let found = 0;
  for (let turn = 0; turn < GET_TURNS; turn++) for (const key of order) if (get(key) !== undefined) found++;
  if (found !== LOOKUPS * GET_TURNS) throw new Error(`only ${found} of the keys were found`);
}

async function awaitAll(run: GetOrSet, order: readonly string[], count: number): Promise<void> {
  const make = (): never => {
    throw new Error("a kept value was made again");
  };
  for (let index = 0; index < count; index++) await run(order[index] ?? "", make);
}

async function nsForEach(time: "cpu" | "wall", count: number, work: () => Promise<void>): Promise<number> {
  const wall = performance.now();
  const cpu = process.cpuUsage();
  await work();
  const wallMs = performance.now() - wall;
  const { user, system } = process.cpuUsage(cpu);
  return ((time === "cpu" ? (user + system) / 1_000 : wallMs) * 1e6) / count;
}
