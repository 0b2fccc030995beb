import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createManualClock } from "../core/manual-clock.ts";
import type { StoredEntry } from "./contract.ts";
import { createWriter, type WriterOptions } from "./writer.ts";

const META = { createdAt: 0, staleAt: 1, deadAt: 1, tags: [], position: 0, isError: false };

function entry(key: string, text = key): StoredEntry {
  return { key, meta: META, payload: Buffer.from(text) };
}

/** A level that can be away: what it holds is all that is asked of it here. */
function open(options: Partial<WriterOptions> = {}) {
  const held = new Map<string, string>();
  const batches: number[] = [];
  const dropped: string[] = [];
  let isAway = false;
  const requireHere = (): void => {
    if (isAway) throw new Error("away");
  };
  const writer = createWriter({
    level: {
      async set(entries) {
        requireHere();
        batches.push(entries.length);
        for (const { key, payload } of entries) held.set(key, Buffer.from(payload).toString());
      },
      async delete(keys) {
        requireHere();
        return keys.filter((key) => held.delete(key)).length;
      },
      async deleteMatching() {
        requireHere();
        return 0;
      },
      async deleteTagged() {
        requireHere();
        return 0;
      },
      async clear() {
        requireHere();
        held.clear();
      },
    },
    clock: createManualClock(1_700_000_000_000),
    onDropped: (key) => dropped.push(key),
    onError: () => undefined,
    ...options,
  });
  return { writer, held, batches, dropped, setAway: (value: boolean) => (isAway = value) };
}

describe("createWriter", () => {
  it("writes in batches, in order, the last of a key", async () => {
    const { writer, held, batches } = open();
    for (let index = 0; index < 250; index++) writer.set(entry(`k${index}`));
    writer.set(entry("k0", "newer"));
    assert.equal(Buffer.from((writer.pending("k0") as StoredEntry).payload).toString(), "newer");
    await writer.drain();
    assert.equal(held.get("k0"), "newer");
    assert.equal(held.size, 250);
    assert.ok(batches.length <= 3 && Math.max(...batches) <= 100);
    assert.equal(writer.pending("k0"), undefined);
  });

  it("keeps a removal and the writes around it in order", async () => {
    const { writer, held } = open();
    writer.set(entry("a"));
    writer.remove({ kind: "key", key: "a" });
    assert.equal(writer.pending("a"), "deleted");
    writer.set(entry("b"));
    writer.remove({ kind: "all" });
    writer.set(entry("c"));
    await writer.drain();
    assert.deepEqual([...held.keys()], ["c"]);
  });

  it("makes room by losing what waited longest, and counts it", async () => {
    const { writer, held, dropped } = open({ maxItems: 10 });
    for (let index = 0; index < 15; index++) writer.set(entry(`k${index}`));
    assert.deepEqual(dropped, ["k0", "k1", "k2", "k3", "k4"]);
    await writer.drain();
    assert.equal(held.size, 10);
  });

  it("holds to its bound of bytes", async () => {
    const { writer, dropped } = open({ maxBytes: 1_000 });
    for (let index = 0; index < 5; index++) writer.set(entry(`k${index}`, "x".repeat(400)));
    assert.equal(dropped.length, 3);
    await writer.drain();
  });

  it("does not let an older value be read whose replacement was lost, and removes it once the level answers", async () => {
    const { writer, held, setAway } = open();
    writer.set(entry("k", "old"));
    await writer.drain();
    setAway(true);
    writer.set(entry("k", "new"));
    await writer.drain();
    assert.equal(writer.pending("k"), "deleted");
    assert.equal(held.get("k"), "old");
    setAway(false);
    writer.set(entry("other"));
    await writer.drain();
    assert.equal(held.has("k"), false);
    assert.equal(writer.pending("k"), undefined);
  });
});
