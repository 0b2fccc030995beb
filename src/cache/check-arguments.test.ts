import assert from "node:assert/strict";
import { it } from "node:test";
import { createManualClock } from "../core/manual-clock.ts";
import { createSeededRandom } from "../core/random.ts";
import { createCache, type CreateCacheOptions } from "./create-cache.ts";
import { createMemoryLevel } from "./memory/memory-level.ts";

function open(options: Partial<CreateCacheOptions> = {}) {
  const clock = createManualClock();
  return createCache({ memory: createMemoryLevel(), clock, random: createSeededRandom(1), ...options });
}

it("callers without types are told what is wrong with their arguments, and nothing has changed", async () => {
  const cache = open();
  await cache.set("a", 1);
  const wrong: readonly [string, () => Promise<unknown>, RegExp][] = [
    ["key of set", () => cache.set(5 as never, 1), /key must be a text, got number/],
    ["key of get", () => cache.get(null as never), /key must be a text, got null/],
    ["key of getOrSet", () => cache.getOrSet({} as never, () => 1), /key must be a text, got object/],
    ["factory", () => cache.getOrSet("b", 5 as never), /factory must be a function, got number/],
    ["factory of refresh", () => cache.refresh("b", undefined as never), /factory must be a function, got undefined/],
    ["signal", () => cache.getOrSet("b", () => 1, { signal: {} as never }), /signal must be an AbortSignal/],
    ["kind of a scope", () => cache.evict({ kind: "all" } as never), /a key, a tag or a pattern/],
    ["name of a scope", () => cache.expire({ kind: "key" } as never), /a key, a tag or a pattern/],
    ["tag", () => cache.link("t", [undefined] as never), /a key, a tag or a pattern/],
    ["limit", () => cache.keys("**", -1), /limit must be a whole number/],
  ];
  for (const [name, ask, says] of wrong) await assert.rejects(ask(), { code: "INPUT_INVALID", message: says }, name);
  assert.deepEqual(await cache.keys("**"), ["a"]);
  await cache.close();
});

it("a value that is refused leaves the answer alone that is being made", async () => {
  const cache = open();
  const made = Promise.withResolvers<string>();
  const asked = cache.getOrSet("a", () => made.promise);
  await assert.rejects(cache.set("a", "mine", { ttl: "soon" as never }), { code: "INPUT_INVALID" });
  made.resolve("theirs");
  await asked;
  assert.equal((await cache.get("a"))?.value, "theirs");
  await cache.close();
});

it("an order of levels that do not exist is refused", () => {
  assert.throws(() => open({ order: ["disk"] as never }), { code: "CONFIG_INVALID", message: /not disk/ });
});

it("a value too deep to be walked through is refused in words", async () => {
  let deep: { inner?: unknown } = {};
  for (let level = 0; level < 50_000; level++) deep = { inner: deep };
  const cache = open();
  await assert.rejects(
    cache.getOrSet("deep", () => deep),
    { code: "INPUT_INVALID", message: /too deep/ },
  );
  assert.equal(await cache.getOrSet("flat", () => "flat"), "flat");
  await cache.close();
});
