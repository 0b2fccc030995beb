import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import { connectRedis } from "millrace/cache";
import { missingRedis, startTestRedis } from "../../src/cache/redis/test-redis.ts";
import { openRedisCache } from "./redis-cache.ts";
import { until } from "./until.ts";

const PATH = process.env["MILLRACE_REDIS_SERVER"] ?? "/usr/bin/redis-server";
const skip = missingRedis(PATH, process.env["CI"] === "true") ?? false;

describe("two caches on a Redis server without memory left", { skip }, () => {
  it("go on from memory, still hear of each other's invalidations and links, and say that writes are lost", async (t) => {
    const redis = await startTestRedis(PATH, ["--maxmemory-policy", "noeviction"]);
    t.after(() => redis.close());
    const operator = await connectRedis(redis.url);
    t.after(() => operator.close());
    const mine = await openRedisCache(t, redis.port);
    const theirs = await openRedisCache(t, redis.port);
    // A busy machine may have no time for a write: then it is lost, as it should be.
    await until("both are stored", async () => {
      await mine.set("user:1", "old", { tags: ["users"] });
      await mine.set("user:2", "old");
      await mine.flush();
      const found = [await theirs.get("user:1"), await theirs.get("user:2")];
      return found.every((each) => each?.value === "old");
    });
    await operator.client.call("CONFIG", ["SET", "maxmemory", "1"]);
    const big = Array.from({ length: 20 }, () => randomBytes(100_000)); // nothing that could be compressed
    for (const [n, value] of big.entries()) {
      await mine.set(`big:${n}`, value);
      await mine.flush();
    }
    assert.ok((await mine.stats()).levels.some(({ isOpen }) => isOpen));
    assert.ok(((await mine.stats()).namespaces["big"]?.droppedWrites ?? 0) > 0);
    assert.deepEqual(await mine.getOrSet("big:19", () => "made anew"), big[19], "memory did not keep it");

    await mine.link("users", ["company"]);
    await mine.evict({ kind: "tag", tag: "company" }, { kind: "key", key: "user:2" });
    for (const key of ["user:1", "user:2"]) {
      await until("the other hears of it", async () => (await theirs.get(key)) === undefined);
      assert.equal(await theirs.getOrSet(key, () => "new", { flight: "shared" }), "new");
    }

    await operator.client.call("CONFIG", ["SET", "maxmemory", "100mb"]);
    await until("there is room", async () => {
      await mine.set("small", "kept");
      await mine.flush();
      return (await theirs.get("small"))?.value === "kept";
    });
    await until("the breaker closes", async () => {
      await mine.set("again", "kept");
      await mine.flush();
      return (await mine.stats()).levels.every(({ isOpen }) => !isOpen);
    });
  });
});
