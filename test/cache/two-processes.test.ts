import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { missingRedis, startTestRedis, type TestRedis } from "../../src/cache/redis/test-redis.ts";
import { startPeer, type Peer } from "./peer.ts";
import { until } from "./until.ts";

const REDIS = process.env["MILLRACE_REDIS_SERVER"] ?? "/usr/bin/redis-server";
const noRedis = missingRedis(REDIS, process.env["CI"] === "true") ?? false;
const FILES_ONLY = { levels: { memory: false, database: false } } as const;

describe("processes on one", { concurrency: true, timeout: 180_000 }, () => {
  runProcessTests("SQLite database", false);
  runProcessTests("Redis server", true);
});

function runProcessTests(name: string, isRedis: boolean): void {
  describe(name, { skip: isRedis ? noRedis : false, concurrency: 1 }, () => {
    let directory = "";
    let server: TestRedis | undefined;
    let peers: readonly Peer[] = [];
    before(async () => {
      directory = await mkdtemp(join(tmpdir(), "millrace-two-"));
      server = isRedis ? await startTestRedis(REDIS) : undefined;
      peers = await Promise.all([startPeer(directory, server?.url), startPeer(directory, server?.url)]);
    });
    after(async () => {
      for (const peer of peers) await peer.kill();
      await server?.close();
      await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    });

    function both(): readonly [Peer, Peer] {
      const [a, b] = peers;
      assert.ok(a !== undefined && b !== undefined);
      return [a, b];
    }
    async function runs(): Promise<number> {
      const counts = await Promise.all(both().map((peer) => peer.do({ kind: "runs" })));
      return counts.reduce<number>((sum, count) => sum + Number(count), 0);
    }
    /** Both hold the key, in memory too. */
    async function share(key: string, tags: readonly string[] = []): Promise<void> {
      for (const peer of both())
        assert.equal(await peer.do({ kind: "ask", key, value: "old", options: { tags } }), "old");
      await Promise.all(both().map((peer) => peer.do({ kind: "flush" })));
      for (const peer of both()) assert.equal(await peer.do({ kind: "get", key }), "old from memory");
    }

    it("run a shared factory once, however many of them ask", async () => {
      const before = await runs();
      const asked = Array.from({ length: 20 }, (_, n) =>
        both()[n % 2 === 0 ? 0 : 1].do({ kind: "ask", key: "once", value: `v${n}`, factoryMs: 300 }),
      );
      assert.equal(new Set(await Promise.all(asked)).size, 1);
      assert.equal((await runs()) - before, 1);
    });

    it("never give a strict caller what another one evicted", async () => {
      const [a, b] = both();
      const options = { isStrict: true };
      for (let round = 0; round < 20; round++) {
        for (const peer of [a, b]) await peer.do({ kind: "ask", key: "strict", value: `old${round}`, options });
        await a.do({ kind: "evict", scope: "key", name: "strict" });
        const answer = await b.do({ kind: "ask", key: "strict", value: `new${round}`, options });
        assert.equal(answer, `new${round}`);
        await b.do({ kind: "evict", scope: "key", name: "strict" });
      }
    });

    for (const scope of ["key", "tag", "pattern"] as const) {
      it(`hear of each other's evictions by ${scope}`, async () => {
        const [a, b] = both();
        const names = { key: "told:key:1", tag: "told", pattern: "told:pattern:*" };
        const key = `told:${scope}:1`;
        for (const [from, to] of [
          [a, b],
          [b, a],
        ] as const) {
          await share(key, ["told"]);
          await from.do({ kind: "evict", scope, name: names[scope] });
          assert.equal(await from.do({ kind: "get", key }), "nothing");
          await until("the other hears of it", async () => (await to.do({ kind: "get", key })) === "nothing");
          assert.equal(await to.do({ kind: "ask", key, value: "new" }), "new");
          assert.doesNotMatch(String(await from.do({ kind: "get", key, options: FILES_ONLY })), /old/);
          await from.do({ kind: "evict", scope: "key", name: key });
          await until("both forget it", async () => (await to.do({ kind: "get", key })) === "nothing");
        }
      });
    }

    it("know each other's links between tags, through any number of them", async () => {
      const [a, b] = both();
      await a.do({ kind: "link", tag: "page", dependencies: ["list"] });
      await b.do({ kind: "link", tag: "list", dependencies: ["row"] });
      await share("linked:1", ["page"]);
      await b.do({ kind: "evict", scope: "tag", name: "row" });
      assert.equal(await b.do({ kind: "get", key: "linked:1" }), "nothing");
      await until("the other hears of it", async () => (await a.do({ kind: "get", key: "linked:1" })) === "nothing");
    });

    it("share a folder of files, and never serve from it what another one evicted or replaced", async () => {
      const [a, b] = both();
      const options = FILES_ONLY;
      const key = "file:1";
      await a.do({ kind: "ask", key, value: "old", options });
      await a.do({ kind: "flush" });
      assert.equal(await b.do({ kind: "get", key, options }), "old from files");
      await a.do({ kind: "evict", scope: "key", name: key });
      await until("the other hears of it", async () => (await b.do({ kind: "get", key, options })) === "nothing");
      // Whoever evicts removes the file in the background, and with it what another one may have made since.
      await a.do({ kind: "flush" });
      // Strict: what is made before its process hears of the eviction counts as evicted too.
      await b.do({ kind: "ask", key, value: "new", options: { ...options, isStrict: true } });
      await b.do({ kind: "flush" });
      assert.equal(await a.do({ kind: "get", key, options }), "new from files");
      const many = Array.from({ length: 50 }, (_, n) =>
        both()[n % 2 === 0 ? 0 : 1].do({ kind: "ask", key: `file:many:${n % 10}`, value: "same", options }),
      );
      assert.deepEqual(new Set(await Promise.all(many)), new Set(["same"]));
    });

    it("take over the factory of one that was killed", async () => {
      const [a, b] = both();
      const begun = a.hears("factory");
      const options = { leaseMs: 1_000 };
      a.do({ kind: "ask", key: "orphan", value: "never", factoryMs: 60_000, options }).catch(() => undefined);
      await begun;
      await a.kill();
      assert.equal(await b.do({ kind: "ask", key: "orphan", value: "taken over", options }), "taken over");
      await b.do({ kind: "close" });
    });
  });
}
