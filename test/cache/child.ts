import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { CacheOptions } from "../../src/cache/cache.ts";
import { createCache } from "../../src/cache/create-cache.ts";
import { openFilesLevel } from "../../src/cache/files/level.ts";
import { bounded } from "../../src/cache/guarded-level.ts";
import { createMemoryLevel } from "../../src/cache/memory/memory-level.ts";
import { connectRedis } from "../../src/cache/redis/connect.ts";
import { openRedisBackend } from "../../src/cache/redis/open.ts";
import { openSqliteBackend } from "../../src/cache/sqlite/open.ts";
import { systemClock } from "../../src/core/clock.ts";
import { createIds } from "../../src/core/ids.ts";
import { systemRandom } from "../../src/core/random.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";

/** One process among several on one database or server, and on one folder of files: does what its messages say, and answers each. */
export type Command =
  | {
      readonly kind: "ask";
      readonly key: string;
      readonly value: string;
      readonly factoryMs?: number;
      readonly options?: CacheOptions;
    }
  | { readonly kind: "get"; readonly key: string; readonly options?: CacheOptions }
  | { readonly kind: "evict"; readonly scope: "key" | "tag" | "pattern"; readonly name: string }
  | { readonly kind: "link"; readonly tag: string; readonly dependencies: readonly string[] }
  | { readonly kind: "flush" | "runs" | "lock" | "unlock" | "close" };

const [directory = "", redisUrl = ""] = process.argv.slice(2);
const [clock, random] = [systemClock, systemRandom];
const ids = createIds({ clock, random });
const connections = redisUrl === "" ? undefined : await connectRedis(redisUrl);
const store = connections === undefined ? await openSqliteStore({ directory, clock }) : undefined;
const backend =
  store === undefined
    ? await openRedisBackend({ ...(connections ?? (await connectRedis(redisUrl))), clock, ids })
    : await openSqliteBackend({ db: store.db, clock, ids });
const files = await openFilesLevel({ directory: join(directory, "files"), clock, minBytes: 0 });
// A busy machine decides nothing here: limits of time are judged by other tests.
const level = backend.level === undefined ? undefined : bounded(backend.level, { clock, deadlineMs: 10_000 });
const cache = createCache({
  memory: createMemoryLevel(),
  backend: { ...backend, level },
  files,
  clock,
  random,
  defaults: { ttl: "1h" },
});
let runs = 0;
let locked: DatabaseSync | undefined;

async function answer(command: Command): Promise<unknown> {
  switch (command.kind) {
    case "ask": {
      const { key, value, factoryMs = 0, options } = command;
      const make = async (): Promise<string> => {
        runs++;
        process.send?.({ id: 0, result: "factory" });
        await clock.sleep(factoryMs);
        return value;
      };
      return await cache.getOrSet(key, make, { flight: "shared", ...options });
    }
    case "get": {
      const found = await cache.get(command.key, command.options);
      return found === undefined ? "nothing" : `${String(found.value)} from ${found.source}`;
    }
    case "evict":
      return await cache.evict(toScope(command.scope, command.name));
    case "link":
      return await cache.link(command.tag, command.dependencies);
    case "flush":
      return await cache.flush();
    case "runs":
      return runs;
    case "lock":
      locked = new DatabaseSync(join(directory, "millrace.db"));
      return locked.exec("begin immediate");
    case "unlock":
      locked?.exec("rollback");
      return locked?.close();
    case "close":
      await cache.close();
      connections?.close();
      return await store?.close();
  }
}

function toScope(kind: "key" | "tag" | "pattern", name: string) {
  switch (kind) {
    case "key":
      return { kind, key: name };
    case "tag":
      return { kind, tag: name };
    case "pattern":
      return { kind, pattern: name };
  }
}

async function reply({ id, command }: { readonly id: number; readonly command: Command }): Promise<void> {
  process.send?.({ id, result: (await answer(command)) ?? null });
  if (command.kind === "close") process.disconnect();
}
process.on("message", (message: Parameters<typeof reply>[0]) => {
  void reply(message);
});
process.send?.({ id: 0, result: "ready" });
