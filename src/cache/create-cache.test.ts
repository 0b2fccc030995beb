import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it, type TestContext } from "node:test";
import { createManualClock } from "../core/manual-clock.ts";
import { createSeededRandom } from "../core/random.ts";
import { createIds } from "../core/ids.ts";
import { runCacheContract, type CacheUnderTest } from "./cache-contract/contract.ts";
import { createCache } from "./create-cache.ts";
import { openFilesLevel } from "./files/level.ts";
import { createMemoryLevel } from "./memory/memory-level.ts";
import { connectRedis } from "./redis/connect.ts";
import { openRedisBackend } from "./redis/open.ts";
import { missingRedis, startTestRedis, type TestRedis } from "./redis/test-redis.ts";
import { openSqliteBackend } from "./sqlite/open.ts";
import { createTestStore } from "./sqlite/test-store.ts";

const REDIS = process.env["MILLRACE_REDIS_SERVER"] ?? "/usr/bin/redis-server";
const reason = missingRedis(REDIS, process.env["CI"] === "true");
let server: Promise<TestRedis> | undefined;
let prefixes = 0;
const folder = mkdtempSync(join(tmpdir(), "millrace-cache-"));
const database = createTestStore(folder);
let places = 0;
after(async () => {
  await (await server)?.close();
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

type Part = "memory" | "sqlite" | "files" | "redis";

async function open(t: TestContext, parts: readonly Part[]): Promise<CacheUnderTest> {
  const clock = createManualClock(1_700_000_000_000);
  const random = createSeededRandom(1);
  const directory = join(folder, `${places++}`);
  const has = (part: Part): boolean => parts.includes(part);
  const store = has("sqlite") ? await database.empty() : undefined;
  const ids = createIds({ clock, random });
  const connections = has("redis") ? await connectRedis((await (server ??= startTestRedis(REDIS))).url) : undefined;
  const backend =
    store !== undefined
      ? await openSqliteBackend({ db: store.db, clock, ids })
      : connections !== undefined
        ? await openRedisBackend({ ...connections, clock, ids, prefix: `test${prefixes++}:` })
        : undefined;
  const cache = createCache({
    ...(has("memory") ? { memory: createMemoryLevel() } : {}),
    ...(backend === undefined ? {} : { backend }),
    ...(has("files")
      ? {
          files: await openFilesLevel({
            directory,
            clock,
            minBytes: has("sqlite") || has("redis") || has("memory") ? 65_536 : 0,
          }),
        }
      : {}),
    clock,
    random,
  });
  t.after(async () => {
    await cache.close();
    connections?.close();
  });
  return { cache, clock };
}

runCacheContract("memory only", (t) => open(t, ["memory"]));
runCacheContract("memory and files", (t) => open(t, ["memory", "files"]));
runCacheContract("files only", (t) => open(t, ["files"]));
runCacheContract("SQLite only", (t) => open(t, ["sqlite"]));
runCacheContract("memory, SQLite and files", (t) => open(t, ["memory", "sqlite", "files"]));

if (reason !== undefined)
  describe("a cache with Redis", () => it("keeps its promises", { skip: reason }, () => undefined));
else {
  runCacheContract("memory and Redis", (t) => open(t, ["memory", "redis"]));
  runCacheContract("Redis only", (t) => open(t, ["redis"]));
  runCacheContract("Redis and files", (t) => open(t, ["redis", "files"]));
  runCacheContract("memory, Redis and files", (t) => open(t, ["memory", "redis", "files"]));
}
runCacheContract("memory and SQLite", (t) => open(t, ["memory", "sqlite"]));
