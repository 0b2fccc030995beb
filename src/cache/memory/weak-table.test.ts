import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as turnEnd } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { MemoryEntry } from "../contract.ts";
import { createMemoryLevel } from "./memory-level.ts";
import { createWeakTable } from "./weak-table.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

const META = { createdAt: 0, staleAt: 1, deadAt: 2, tags: [], position: 0, isError: false };

function large(key: string, value: unknown = { key }): MemoryEntry {
  return { key, value, meta: META, bytes: 5_000 };
}

describe("createMemoryLevel with weakFromBytes", () => {
  it("finds a large value again that it had no room for while somebody uses it", () => {
    const level = createMemoryLevel({ maxItems: 1, weakFromBytes: 1_000 });
    const first = large("a");
    level.set(first);
    level.set(large("b"));
    assert.deepEqual(level.stats().items, 1);
    assert.equal(level.peek("a")?.value, first.value);
    assert.deepEqual(level.peek("a"), first);
  });

  it("finds a value again that is larger than its share, and never an older one than was set", () => {
    const level = createMemoryLevel({ maxBytes: 10_000, weakFromBytes: 1_000 });
    const [older, newer] = [large("a"), large("a", { newer: true })];
    assert.equal(level.set(older), false);
    assert.equal(level.set(newer), false);
    assert.equal(level.peek("a")?.value, newer.value);
    assert.equal(level.stats().items, 0);
  });

  it("forgets what was deleted, by key, by test or altogether", () => {
    const values = ["a", "b", "c"].map((key) => large(key));
    const level = createMemoryLevel({ maxBytes: 10_000, weakFromBytes: 1_000 });
    for (const value of values) level.set(value);
    assert.equal(level.delete("a"), true);
    assert.equal(level.delete("a"), false);
    assert.equal(level.peek("a"), undefined);
    assert.equal(
      level.deleteWhere(({ key }) => key === "b"),
      1,
    );
    assert.equal(level.peek("b"), undefined);
    level.clear();
    assert.equal(level.peek("c"), undefined);
  });
});

describe("createWeakTable", () => {
  it("keeps no value alive and forgets the keys of those that are gone", async () => {
    const table = createWeakTable(1_000);
    const held = large("held");
    table.add(held);
    for (let index = 0; index < 100; index++) table.add(large(`k${index}`));
    assert.equal(table.size, 101);
    for (let turn = 0; turn < 50 && table.size > 1; turn++) {
      await turnEnd();
      collect();
    }
    assert.equal(table.size, 1);
    assert.deepEqual(table.take("held"), held);
    assert.equal(table.take("held"), undefined);
  });

  it("leaves out what is small or no object", () => {
    const table = createWeakTable(1_000);
    table.add({ ...large("small"), bytes: 999 });
    table.add(large("text", "x".repeat(5_000)));
    table.add(large("null", null));
    assert.equal(table.size, 0);
  });
});
