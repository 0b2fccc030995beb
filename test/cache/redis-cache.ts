import type { TestContext } from "node:test";
import { createIds, systemClock, systemRandom } from "millrace";
import { connectRedis, createCache, createMemoryLevel, openRedisBackend, type OpenCache } from "millrace/cache";

export interface RedisCacheOptions {
  readonly commandTimeoutMs?: number;
  readonly maxRecords?: number;
  readonly isMemoryless?: boolean;
}

/** A cache of one process on a Redis server of this machine: closed with the test. */
export async function openRedisCache(
  t: TestContext,
  port: number,
  { commandTimeoutMs = 3_000, maxRecords = 50_000, isMemoryless = false }: RedisCacheOptions = {},
): Promise<OpenCache> {
  const [clock, random] = [systemClock, systemRandom];
  const connections = await connectRedis(`redis://127.0.0.1:${port}`, { commandTimeoutMs });
  const ids = createIds({ clock, random });
  const backend = await openRedisBackend({ ...connections, clock, ids, pollMs: 100, maxRecords });
  const memory = isMemoryless ? {} : { memory: createMemoryLevel() };
  const cache = createCache({ ...memory, backend, clock, random, defaults: { jitter: 0, ttl: "1h" } });
  t.after(async () => {
    await cache.close();
    connections.close();
  });
  return cache;
}
