import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createManualClock, type ManualClock } from "../../core/manual-clock.ts";
import type { Clock } from "../../core/clock.ts";
import type { EntryMeta, Level, StoredEntry } from "../contract.ts";

/** Opens an empty level that takes payloads of any size up to 256 KiB. */
export type OpenLevel = (params: {
  readonly clock: Clock;
}) => Promise<{ readonly level: Level; readonly close: () => Promise<void> }>;

const START_AT = Date.UTC(2026, 0, 1);
const MINUTE_MS = 60_000;

const KEYS: readonly string[] = [
  "plain",
  "user:1",
  "a b:c/d\\e:..:*?[x]",
  "Zoë:日本語:👩‍👩‍👧‍👦",
  'quote\':"double"',
  "line\nbreak:\ttab\u0000zero",
  "long:".repeat(300),
];

export function entryOf(
  key: string,
  { payload = Buffer.from(`value of ${key}`), ...meta }: Partial<EntryMeta> & { readonly payload?: Uint8Array } = {},
): StoredEntry {
  return {
    key,
    payload,
    meta: {
      createdAt: START_AT,
      staleAt: START_AT + MINUTE_MS,
      deadAt: START_AT + 2 * MINUTE_MS,
      tags: [],
      position: 1_000,
      isError: false,
      ...meta,
    },
  };
}

/** Declares the tests that every level must pass, under `node:test`. `bite`: of how many entries the level takes care at once, at most. */
export function runLevelContract(name: string, open: OpenLevel, { bite = 1_000 } = {}): void {
  function test(title: string, work: (level: Level, clock: ManualClock) => Promise<void>): void {
    it(title, async () => {
      const clock = createManualClock(START_AT);
      const { level, close } = await open({ clock });
      try {
        await work(level, clock);
      } finally {
        await close();
      }
    });
  }

  describe(`${name}: a level of the cache`, () => {
    test("gives back what was stored, byte by byte, under any key", async (level) => {
      const payload = Uint8Array.from({ length: 256 }, (_, byte) => byte);
      const entries = KEYS.map((key) => entryOf(key, { payload, tags: ["t", `tag of ${key}`], isError: true }));
      await level.set(entries);
      for (const entry of entries) {
        const found = await level.get(entry.key);
        assert.deepEqual(found?.meta, entry.meta);
        assert.deepEqual(Buffer.from(found?.payload ?? []), Buffer.from(payload));
      }
      assert.equal(await level.get("none"), undefined);
    });

    test("keeps empty and large payloads", async (level) => {
      const large = Buffer.alloc(200_000, "x");
      await level.set([entryOf("empty", { payload: new Uint8Array(0) }), entryOf("large", { payload: large })]);
      assert.equal((await level.get("empty"))?.payload.length, 0);
      assert.ok(large.equals((await level.get("large"))?.payload ?? Buffer.alloc(0)));
    });

    test("lets the later of two writes win, also within one call", async (level) => {
      await level.set([entryOf("k", { payload: Buffer.from("1") }), entryOf("k", { payload: Buffer.from("2") })]);
      assert.equal(textOf(await level.get("k")), "2");
      await level.set([entryOf("k", { payload: Buffer.from("3"), tags: ["new"] })]);
      assert.equal(textOf(await level.get("k")), "3");
      assert.deepEqual((await level.get("k"))?.meta.tags, ["new"]);
    });

    test("gives a position beyond 2^50 and an end beyond all times", async (level) => {
      const meta = { position: 1_790_000_000_000_001, deadAt: Infinity, staleAt: Infinity };
      await level.set([entryOf("k", meta)]);
      const found = await level.get("k");
      assert.equal(found?.meta.position, meta.position);
      assert.ok((found?.meta.deadAt ?? 0) > START_AT * 1_000);
    });

    test("does nothing for nothing", async (level) => {
      await level.set([]);
      assert.equal(await level.delete([]), 0);
      assert.equal(await level.delete(["none"]), 0);
      assert.equal(await level.deleteMatching("**", 9_999), 0);
      assert.equal(await level.deleteTagged("none", 9_999), 0);
      assert.deepEqual(await level.keys("**", 10), []);
      assert.equal(await level.sweep(START_AT), 0);
      await level.clear();
      const { items, bytes, evictions } = await level.stats();
      assert.deepEqual({ items, bytes, evictions }, { items: 0, bytes: 0, evictions: 0 });
    });

    test("deletes keys and says how many there were", async (level) => {
      await level.set(["a", "b:1", "c"].map((key) => entryOf(key)));
      assert.equal(await level.delete(["a", "b:1", "none"]), 2);
      assert.deepEqual([await level.get("a"), await level.get("b:1")], [undefined, undefined]);
      assert.equal(textOf(await level.get("c")), "value of c");
    });

    test("deletes by pattern, up to a position", async (level) => {
      const keys = ["user", "user:1", "user:1:name", "users:1", "user:2", "team:1:name"];
      await level.set(keys.map((key) => entryOf(key)));
      await level.set([entryOf("user:new", { position: 2_001 })]);
      assert.equal(await level.deleteMatching("*:*:name", 2_000), 2);
      assert.equal(await level.deleteMatching("user:**", 2_000), 3);
      assert.deepEqual(await sorted(level.keys("**", 10)), ["user:new", "users:1"]);
      assert.equal(await level.deleteMatching("user:new", 2_001), 1);
      assert.equal(await level.deleteMatching("**", 2_000), 1);
    });

    test("deletes by tag, up to a position, and only what carries it now", async (level) => {
      await level.set([
        entryOf("a:1", { tags: ["x", "y"] }),
        entryOf("a:2", { tags: ["x"] }),
        entryOf("b", { tags: ["x"] }),
        entryOf("young", { tags: ["x"], position: 2_001 }),
      ]);
      await level.set([entryOf("b", { tags: ["z"] })]);
      assert.equal(await level.deleteTagged("x", 2_000), 2);
      assert.deepEqual(await sorted(level.keys("**", 10)), ["b", "young"]);
      assert.equal(await level.deleteTagged("y", 2_000), 0);
      assert.equal(await level.deleteTagged("z", 2_000), 1);
    });

    test("goes through more entries than fit one bite", async (level) => {
      const count = bite + 200;
      const entries = Array.from({ length: count }, (_, n) => entryOf(`many:${n}:x`, { tags: ["all"] }));
      const ones = entries.filter(({ key }) => key.startsWith("many:1")).length;
      await level.set(entries);
      assert.equal((await level.stats()).items, count);
      assert.equal((await level.keys("many:*:x", bite + 100)).length, bite + 100);
      assert.equal(await level.deleteMatching("many:1*:x", 2_000), ones);
      assert.equal(await level.deleteTagged("all", 2_000), count - ones);
      assert.equal((await level.stats()).items, 0);
    });

    test("finds keys by pattern, at most so many", async (level) => {
      await level.set(["a:1", "a:2", "b:1", "a"].map((key) => entryOf(key)));
      assert.deepEqual(await sorted(level.keys("a:*", 10)), ["a:1", "a:2"]);
      assert.deepEqual(await sorted(level.keys("*:1", 10)), ["a:1", "b:1"]);
      assert.deepEqual(await sorted(level.keys("a:**", 10)), ["a", "a:1", "a:2"]);
      assert.equal((await level.keys("**", 3)).length, 3);
    });

    test("goes on with keys after one, in order", async (level) => {
      await level.set(["a:2", "b:1", "a:10", "a", "a:\u{1F33E}", "a:\uFF5E", "a:1"].map((key) => entryOf(key)));
      assert.deepEqual(await level.keys("a:**", 3, ""), ["a", "a:1", "a:10"]);
      assert.deepEqual(await level.keys("a:**", 10, "a:10"), ["a:2", "a:\uFF5E", "a:\u{1F33E}"]);
      assert.deepEqual(await level.keys("*:1", 10, "a:1"), ["b:1"]);
      assert.deepEqual(await level.keys("**", 10, "b:1"), []);
    });

    test("finds keys whatever they begin with, the empty one too", async (level) => {
      const keys = ["", " ", "!a", "-", ".a:b", "0", "9", ":", "A", "~", "\u00e9", "\u0001"];
      await level.set(keys.map((key) => entryOf(key)));
      assert.deepEqual(await sorted(level.keys("**", 100)), keys.toSorted());
      assert.deepEqual(await level.keys(".a:*", 100), [".a:b"]);
      assert.equal(await level.deleteMatching("**", 2_000), keys.length);
      assert.deepEqual(await level.keys("**", 100), []);
    });

    test("sweeps what is dead and leaves nothing of it", async (level) => {
      await level.set([
        entryOf("short", { deadAt: START_AT + 10, tags: ["x"] }),
        entryOf("long", { deadAt: START_AT + 10_000_000 }),
      ]);
      await level.sweep(START_AT + 11);
      assert.deepEqual(await level.keys("**", 10), ["long"]);
      assert.equal((await level.stats()).items, 1);
    });

    test("clears everything", async (level) => {
      await level.set(KEYS.map((key) => entryOf(key, { tags: ["x"] })));
      await level.clear();
      assert.deepEqual(await level.keys("**", 10), []);
      assert.equal(await level.deleteTagged("x", 2_000), 0);
      await level.set([entryOf("again")]);
      assert.equal(textOf(await level.get("again")), "value of again");
    });

    test("counts what it holds", async (level) => {
      await level.set([
        entryOf("a", { payload: Buffer.alloc(1_000, "a") }),
        entryOf("b", { payload: Buffer.alloc(2_000, "b") }),
      ]);
      const { items, bytes } = await level.stats();
      assert.equal(items, 2);
      assert.ok(bytes >= 3_000 && bytes < 4_000, `${bytes} bytes`);
    });

    test("leaves out what it could not give back as it was", async (level) => {
      await level.set([entryOf("half \uD83D pair"), entryOf("fine")]);
      const odd = await level.get("half \uD83D pair");
      assert.ok(odd === undefined || odd.key === "half \uD83D pair");
      assert.equal(textOf(await level.get("half \uFFFD pair")), undefined);
      assert.equal(textOf(await level.get("fine")), "value of fine");
    });
  });
}

function textOf(entry: StoredEntry | undefined): string | undefined {
  return entry === undefined ? undefined : Buffer.from(entry.payload).toString();
}

async function sorted(keys: Promise<readonly string[]>): Promise<string[]> {
  return (await keys).toSorted();
}
