import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { createCache } from "../../src/cache/create-cache.ts";
import { createMemoryLevel } from "../../src/cache/memory/memory-level.ts";
import { connectRedis } from "../../src/cache/redis/connect.ts";
import { openRedisBackend } from "../../src/cache/redis/open.ts";
import { openSqliteBackend } from "../../src/cache/sqlite/open.ts";
import { systemClock as clock } from "../../src/core/clock.ts";
import { createIds } from "../../src/core/ids.ts";
import { systemRandom as random } from "../../src/core/random.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";

/** On what caches are judged: memory, SQLite, Redis; the latter two without memory above, so that every answer comes from there. */
export const KINDS = (process.env.MILLRACE_TEST_KINDS ?? "memory SQLite").split(" ");

const ids = createIds({ clock, random });

export async function openCache(kind) {
  if (kind === "memory") return createCache({ memory: createMemoryLevel(), clock, random });
  if (kind === "Redis") {
    const connections = await connectRedis(process.env.MILLRACE_TEST_REDIS_URL);
    return createCache({ backend: await openRedisBackend({ ...connections, clock, ids }), clock, random });
  }
  const directory = await mkdtemp(join(process.env.MILLRACE_TEST_DIRECTORY, "suite-"));
  const { db } = await openSqliteStore({ directory, clock });
  return createCache({ backend: await openSqliteBackend({ db, clock, ids }), clock, random });
}
