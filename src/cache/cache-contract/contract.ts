import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { isErrorCode } from "../../core/errors.ts";
import type { ManualClock } from "../../core/manual-clock.ts";
import type { OpenCache } from "../create-cache.ts";

export interface CacheUnderTest {
  readonly cache: OpenCache;
  readonly clock: ManualClock;
}

/** Opens an empty cache whose time is the clock's, and closes it with the test. It has at least one level. */
export type OpenCacheUnderTest = (t: TestContext) => Promise<CacheUnderTest>;

const PLAIN = { jitter: 0, ttl: "1m" } as const;
const VALUES: readonly (readonly [string, unknown])[] = [
  ["undefined", undefined],
  ["null", null],
  ["false", false],
  ["zero", 0],
  ["minus zero", -0],
  ["not a number", Number.NaN],
  ["an empty text", ""],
  ["a big integer", 12n ** 30n],
  ["a date", new Date(1_000)],
  ["a map", new Map<unknown, unknown>([["a", { b: 1n }]])],
  ["a set", new Set([1, "1", undefined])],
  ["bytes", new Uint8Array([0, 255, 7])],
  ["a nested value", { a: [1, { b: undefined }], c: new Date(5) }],
  ["a text of 200 kB", "é".repeat(100_000)],
];

/** What every cache promises, whatever its levels. */
export function runCacheContract(name: string, open: OpenCacheUnderTest): void {
  describe(`a cache with ${name}`, () => {
    for (const [what, value] of VALUES) {
      it(`gives ${what} back as it was, and as a value`, async (t) => {
        const { cache } = await open(t);
        let runs = 0;
        const make = (): unknown => (runs++, value);
        assert.deepEqual(await cache.getOrSet("k", make, PLAIN), value);
        await cache.flush();
        assert.deepEqual(await cache.getOrSet("k", make, PLAIN), value);
        assert.equal(runs, 1);
        assert.deepEqual((await cache.get("k"))?.value, value);
      });
    }

    it("runs a factory once for all who ask at the same time", async (t) => {
      const { cache } = await open(t);
      const gate = Promise.withResolvers<string>();
      let runs = 0;
      const callers = Array.from({ length: 20 }, () => cache.getOrSet("k", () => (runs++, gate.promise), PLAIN));
      gate.resolve("made");
      assert.deepEqual(new Set(await Promise.all(callers)), new Set(["made"]));
      assert.equal(runs, 1);
    });

    it("runs a factory that fails once for all its waiters, and again for the next", async (t) => {
      const { cache } = await open(t);
      const error = new Error("no");
      let runs = 0;
      const fail = async (): Promise<never> => {
        runs++;
        throw error;
      };
      const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => cache.getOrSet("k", fail, PLAIN)));
      assert.ok(outcomes.every((each) => each.status === "rejected" && each.reason === error));
      assert.equal(runs, 1);
      assert.equal(await cache.getOrSet("k", () => "good", PLAIN), "good");
    });

    it("is fresh up to its TTL and not at its end", async (t) => {
      const { cache, clock } = await open(t);
      await cache.set("k", 1, PLAIN);
      await cache.flush();
      clock.jump(59_999);
      assert.equal((await cache.get("k"))?.value, 1);
      clock.jump(1);
      assert.equal(await cache.get("k"), undefined);
      assert.equal(await cache.getOrSet("k", () => 2, PLAIN), 2);
    });

    it("takes a TTL of 0 as one: nothing is kept", async (t) => {
      const { cache } = await open(t);
      await cache.set("k", 1, PLAIN);
      await cache.set("k", 2, { ...PLAIN, ttl: 0 });
      assert.equal(await cache.get("k"), undefined);
    });

    it("serves what is stale, marked, while one caller refreshes it", async (t) => {
      const { cache, clock } = await open(t);
      const policy = { ...PLAIN, staleWhileRevalidate: "1m" };
      await cache.set("k", "old", policy);
      await cache.flush();
      clock.jump(60_001);
      const gate = Promise.withResolvers<string>();
      let runs = 0;
      const make = (): Promise<string> => (runs++, gate.promise);
      const answers = await Promise.all([1, 2, 3].map(() => cache.fetch("k", make, policy)));
      assert.deepEqual(
        answers.map(({ value, isStale, source }) => [value, isStale, source]),
        [1, 2, 3].map(() => ["old", true, "stale"]),
      );
      gate.resolve("new");
      while ((await cache.get("k"))?.value !== "new") await cache.flush();
      assert.equal(runs, 1);
    });

    it("lets the factory of a stale value ask, over others, for what is stale", async (t) => {
      const { cache, clock } = await open(t);
      const policy = { ...PLAIN, staleWhileRevalidate: "1m" };
      await cache.set("k", "old", policy);
      await cache.flush();
      clock.jump(60_001);
      const inner = Promise.withResolvers<string>();
      const make = async (): Promise<string> => {
        const over = cache.getOrSet("over", async () => `over ${await cache.getOrSet("k", make, policy)}`, PLAIN);
        inner.resolve(over);
        return `of ${await over}`;
      };
      assert.equal(await cache.getOrSet("k", make, policy), "old");
      assert.equal(await inner.promise, "over old");
    });

    it("makes a value anew where that was asked, also for one who joins another's look at what is kept", async (t) => {
      const { cache } = await open(t);
      await cache.set("k", "old", { ...PLAIN, levels: { memory: false } });
      await cache.flush();
      const looking = cache.getOrSet("k", () => "new", PLAIN);
      assert.equal(await cache.refresh("k", () => "new", PLAIN), "new");
      await looking;
      assert.equal((await cache.get("k"))?.value, "new");
    });

    it("serves what is stale when the factory fails, within its bound", async (t) => {
      const { cache, clock } = await open(t);
      const policy = { ...PLAIN, staleIfError: "1m" };
      const fail = async (): Promise<never> => Promise.reject(new Error("down"));
      await cache.set("k", "old", policy);
      await cache.flush();
      clock.jump(119_999);
      const answer = await cache.fetch<string>("k", fail, policy);
      assert.deepEqual([answer.value, answer.isStale], ["old", true]);
      clock.jump(1);
      await assert.rejects(cache.fetch("k", fail, policy), /down/);
    });

    it("keeps an error where the policy says so, and throws it without running the factory", async (t) => {
      const { cache, clock } = await open(t);
      let runs = 0;
      const policy = { ...PLAIN, negativeTtl: "10s", isNegative: (error: unknown) => error instanceof RangeError };
      const fail = async (): Promise<never> => {
        runs++;
        throw new RangeError("there is none");
      };
      for (let ask = 0; ask < 3; ask++) await assert.rejects(cache.getOrSet("k", fail, policy), /there is none/);
      assert.equal(runs, 1);
      assert.equal(await cache.get("k"), undefined);
      assert.equal(cache.peek("k"), undefined);
      clock.jump(10_000);
      await assert.rejects(cache.getOrSet("k", fail, policy), /there is none/);
      assert.equal(runs, 2);
    });

    for (const scope of [
      { kind: "key", key: "user:1:name" },
      { kind: "tag", tag: "users" },
      { kind: "tag", tag: "company" },
      { kind: "pattern", pattern: "user:*:name" },
      { kind: "pattern", pattern: "user:**" },
    ] as const) {
      it(`never serves again what was evicted by ${JSON.stringify(scope)}, whatever its grace`, async (t) => {
        const { cache } = await open(t);
        const policy = { ...PLAIN, staleWhileRevalidate: "1h", staleIfError: "1h", tags: ["users"] };
        await cache.link("users", ["company"]);
        await cache.set("user:1:name", "old", policy);
        await cache.set("other:1", "stays", PLAIN);
        await cache.flush();
        await cache.evict(scope);
        assert.equal(cache.peek("user:1:name"), undefined);
        assert.equal(await cache.get("user:1:name"), undefined);
        await assert.rejects(
          cache.getOrSet("user:1:name", async () => Promise.reject(new Error("down")), policy),
          /down/,
        );
        assert.equal(await cache.getOrSet("user:1:name", () => "new", policy), "new");
        await cache.flush();
        assert.equal((await cache.get("user:1:name"))?.value, "new");
        assert.equal((await cache.get("other:1"))?.value, "stays");
      });
    }

    it("serves what was expired as stale within its grace, never as fresh", async (t) => {
      const { cache } = await open(t);
      const policy = { ...PLAIN, staleIfError: "1h", tags: ["t"] };
      await cache.set("k", "old", policy);
      await cache.flush();
      await cache.expire({ kind: "tag", tag: "t" });
      assert.equal(cache.peek("k"), undefined);
      const answer = await cache.fetch<string>("k", async () => Promise.reject(new Error("down")), policy);
      assert.deepEqual([answer.value, answer.isStale], ["old", true]);
      assert.equal(await cache.getOrSet("k", () => "new", policy), "new");
    });

    it("does not keep a value whose factory began before an eviction, nor give it to later callers", async (t) => {
      const { cache } = await open(t);
      const slow = Promise.withResolvers<string>();
      const first = cache.getOrSet("k", () => slow.promise, { ...PLAIN, tags: ["t"] });
      await cache.get("other");
      await cache.evict({ kind: "tag", tag: "t" });
      const second = cache.getOrSet("k", () => "new", { ...PLAIN, tags: ["t"] });
      assert.equal(await second, "new");
      slow.resolve("old");
      assert.equal(await first, "old", "whoever asked before gets what there was");
      await cache.flush();
      assert.equal((await cache.get("k"))?.value, "new");
    });

    it("lets one waiter leave and the others wait on; the last one's leaving aborts the factory", async (t) => {
      const { cache } = await open(t);
      const started = Promise.withResolvers<AbortSignal>();
      const never = new Promise<string>(() => undefined);
      const [a, b] = [new AbortController(), new AbortController()];
      const make = ({ signal }: { readonly signal: AbortSignal }): Promise<string> => (started.resolve(signal), never);
      const first = cache.getOrSet("k", make, { ...PLAIN, signal: a.signal });
      const second = cache.getOrSet("k", make, { ...PLAIN, signal: b.signal });
      const signal = await started.promise;
      a.abort(new Error("a left"));
      await assert.rejects(first, /a left/);
      assert.equal(signal.aborted, false);
      b.abort(new Error("b left"));
      await assert.rejects(second, /b left/);
      assert.equal(signal.aborted, true);
      assert.equal(await cache.getOrSet("k", () => "next", PLAIN), "next");
    });

    it("gives an error when a factory takes too long", async (t) => {
      const { cache, clock } = await open(t);
      const started = Promise.withResolvers<void>();
      const asked = cache.getOrSet("k", () => (started.resolve(), new Promise(() => undefined)), {
        ...PLAIN,
        factoryTimeoutMs: 100,
      });
      await started.promise;
      const refused = assert.rejects(asked, { code: "CACHE_TIMEOUT" });
      await clock.advance(100);
      await refused;
    });

    it("refuses a factory that needs its own value, over others too, and lets it ask for what is no circle", async (t) => {
      const { cache } = await open(t);
      await assert.rejects(
        cache.getOrSet("own", () => cache.getOrSet("own", () => 1, PLAIN), PLAIN),
        { code: "CACHE_CYCLE" },
      );
      // Two that were asked for apart, and each needs the other.
      const hasBegun = Promise.withResolvers<void>();
      const left = cache.getOrSet(
        "left",
        async () => (await hasBegun.promise, cache.getOrSet("right", () => 1, PLAIN)),
        PLAIN,
      );
      const right = cache.getOrSet("right", () => (hasBegun.resolve(), cache.getOrSet("left", () => 1, PLAIN)), PLAIN);
      const ended = await Promise.allSettled([left, right]);
      assert.ok(ended.some((each) => each.status === "rejected" && isErrorCode(each.reason, "CACHE_CYCLE")));
      // Of two waits for one value the end of the first does not end the second.
      const leaving = new AbortController();
      const hasLeft = Promise.withResolvers<void>();
      const below = async (): Promise<number> => (await hasLeft.promise, cache.getOrSet("twice", () => 1, PLAIN));
      const twice = cache.getOrSet(
        "twice",
        async () => {
          const first = cache.getOrSet("below", below, { ...PLAIN, signal: leaving.signal }).catch(() => undefined);
          const second = cache.getOrSet("below", below, PLAIN);
          leaving.abort();
          await first;
          hasLeft.resolve();
          return await second;
        },
        PLAIN,
      );
      await assert.rejects(twice, { code: "CACHE_CYCLE", isRetryable: false });
      const sum = async (): Promise<number> =>
        (await cache.getOrSet("part", () => 2, PLAIN)) + (await cache.getOrSet("part", () => 3, PLAIN));
      assert.equal(await cache.getOrSet("sum", sum, PLAIN), 4);
    });

    it("is not changed by whoever got a value", async (t) => {
      const { cache } = await open(t);
      for (const mutation of ["freeze", "clone"] as const) {
        const got = await cache.getOrSet(mutation, () => ({ list: [1] }), { ...PLAIN, mutation });
        try {
          got.list.push(2);
        } catch {
          // Frozen: that is the point.
        }
        assert.deepEqual(await cache.getOrSet(mutation, () => ({ list: [0] }), { ...PLAIN, mutation }), { list: [1] });
      }
    });

    it("lets a factory decide about its entry", async (t) => {
      const { cache, clock } = await open(t);
      await cache.getOrSet("ttl", (entry) => (entry.setTtl("1s"), entry.tag("found"), 1), PLAIN);
      await cache.getOrSet("skip", (entry) => (entry.skipStore(), 1), PLAIN);
      await cache.flush();
      assert.equal(await cache.get("skip"), undefined);
      assert.equal((await cache.get("ttl"))?.value, 1);
      await cache.evict({ kind: "tag", tag: "found" });
      assert.equal(await cache.get("ttl"), undefined);
      await cache.getOrSet("ttl", (entry) => (entry.setTtl("1s"), 2), PLAIN);
      clock.jump(1_000);
      assert.equal(await cache.get("ttl"), undefined);
    });

    it("asks the journal first where a policy is strict, and lists its keys, and clears", async (t) => {
      const { cache } = await open(t);
      assert.equal(await cache.getOrSet("p:1", () => 1, { policy: "permissions" }), 1);
      assert.equal(await cache.getOrSet("p:1", () => 2, { policy: "permissions" }), 1);
      await cache.set("q:1", 1, PLAIN);
      await cache.flush();
      assert.deepEqual(await cache.keys("p:*"), ["p:1"]);
      assert.deepEqual([...(await cache.keys("**"))].toSorted(), ["p:1", "q:1"]);
      await cache.clear();
      await cache.flush();
      assert.deepEqual(await cache.keys("**"), []);
      await cache.clear();
      await cache.evict();
    });

    it("lists a key as soon as it was set, and not once it was evicted", async (t) => {
      const { cache } = await open(t);
      await cache.set("l:1", 1, PLAIN);
      assert.deepEqual(await cache.keys("l:*"), ["l:1"]);
      await cache.evict({ kind: "key", key: "l:1" });
      assert.deepEqual(await cache.keys("l:*"), []);
    });

    it("counts by namespace", async (t) => {
      const { cache } = await open(t);
      await cache.getOrSet("n:1", () => 1, PLAIN);
      await cache.getOrSet("n:1", () => 1, PLAIN);
      const { namespaces } = await cache.stats();
      const n = namespaces["n"];
      assert.equal(n?.misses, 1);
      assert.equal(n.factoryRuns, 1);
      assert.equal(n.hits.memory + n.hits.database + n.hits.files, 1);
    });
  });
}
