import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { isErrorCode } from "../../core/errors.ts";
import { createSeededRandom } from "../../core/random.ts";
import type { MemoryEntry, MemoryLevel } from "../contract.ts";
import { createMemoryLevel, type EvictionPolicyName } from "./memory-level.ts";

const POLICIES: readonly EvictionPolicyName[] = ["adaptive", "s3-fifo", "lru", "sieve"];
const META = { createdAt: 0, staleAt: 1, deadAt: 2, tags: [], position: 0, isError: false };

describe("shrinkTo", () => {
  for (const policy of POLICIES) {
    it(`gives room back, keeps what is used, and takes as much as before once it may (${policy})`, () => {
      const level = createMemoryLevel({ maxBytes: 20_000_000, policy });
      const fill = (from: number): void => {
        for (let index = from; index < from + 180; index++) level.set(entry(`k:${index}`, index, 100_000));
      };
      fill(0);
      for (let use = 0; use < 3; use++) level.peek("k:170");
      const before = level.stats().bytes;
      assert.ok(level.shrinkTo(0.5) >= 89);
      assert.ok(level.stats().bytes <= before / 2 && level.stats().bytes > before / 3);
      assert.equal(level.peek("k:170")?.value, 170);
      fill(1_000);
      assert.ok(level.stats().bytes <= before / 2, "it grew while it was shrunk");
      level.shrinkTo(0);
      assert.ok(level.stats().bytes <= 1_000_000);
      assert.equal(level.set(entry("large", 1, 1_500_000)), false);
      level.regrow();
      fill(2_000);
      assert.ok(level.stats().bytes > 0.9 * before);
    });
  }
});

function entry(key: string, value: unknown = key, bytes = 10): MemoryEntry {
  return { key, value, meta: META, bytes };
}

type Act =
  | { readonly kind: "set"; readonly key: string; readonly bytes: number }
  | { readonly kind: "peek" | "delete"; readonly key: string }
  | { readonly kind: "deleteWhere"; readonly digit: string }
  | { readonly kind: "clear" };

const key = fc.integer({ min: 0, max: 30 }).map((number) => `k:${number}`);
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 60,
    arbitrary: fc.record({ kind: fc.constant("set" as const), key, bytes: fc.integer({ min: 0, max: 3_000 }) }),
  },
  { weight: 60, arbitrary: fc.record({ kind: fc.constantFrom("peek" as const, "delete" as const), key }) },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant("deleteWhere" as const), digit: fc.constantFrom("1", "2", "7") }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("clear" as const) }) },
);

/** Does the same to the level and to a map without bounds: the level may have less, never anything else. */
function apply(level: MemoryLevel, model: Map<string, MemoryEntry>, step: Act, turn: number): void {
  switch (step.kind) {
    case "set": {
      const written = entry(step.key, turn, step.bytes);
      const isKept = level.set(written);
      assert.equal(level.peek(step.key), isKept ? written : undefined, "what was set is there, or the key is gone");
      if (isKept) model.set(step.key, written);
      else model.delete(step.key);
      return;
    }
    case "peek": {
      const found = level.peek(step.key);
      if (found !== undefined) assert.equal(found, model.get(step.key));
      return;
    }
    case "delete": {
      const had = level.peek(step.key) !== undefined;
      assert.equal(level.delete(step.key), had);
      model.delete(step.key);
      return;
    }
    case "deleteWhere": {
      const test = (candidate: MemoryEntry): boolean => candidate.key.includes(step.digit);
      const expected = [...level.entries()].filter(test).length;
      assert.equal(level.deleteWhere(test), expected);
      for (const name of model.keys()) if (name.includes(step.digit)) model.delete(name);
      return;
    }
    case "clear":
      level.clear();
      model.clear();
  }
}

for (const policy of POLICIES) {
  describe(`createMemoryLevel with ${policy}`, () => {
    it("never passes its bounds, loses nothing without an eviction, and has nothing that was not set", () => {
      const options = fc.record({
        maxItems: fc.integer({ min: 1, max: 12 }),
        maxBytes: fc.integer({ min: 1_000, max: 12_000 }),
        maxEntryShare: fc.constantFrom(0.1, 0.5, 1),
      });
      fc.assert(
        fc.property(options, fc.array(act, { maxLength: 200 }), (bounds, steps) => {
          const level = createMemoryLevel({ ...bounds, policy });
          const model = new Map<string, MemoryEntry>();
          for (const [turn, step] of steps.entries()) {
            const lost = model.size - level.stats().items;
            const evicted = level.stats().evictions;
            apply(level, model, step, turn);
            const { items, bytes, evictions } = level.stats();
            assert.ok(items <= bounds.maxItems && bytes <= bounds.maxBytes);
            const kept = [...level.entries()];
            assert.equal(kept.length, items);
            for (const one of kept) assert.equal(one, model.get(one.key));
            assert.equal(new Set(level.hottest(100)).size, items);
            if (evictions === evicted) assert.ok(model.size - items <= lost, "an entry is gone without an eviction");
            assert.equal(items === 0, bytes === 0);
          }
        }),
        { numRuns: 150 },
      );
    });

    it("uses the place of a deleted entry again at once", () => {
      const level = createMemoryLevel({ maxItems: 3, policy });
      for (let turn = 0; turn < 1_000; turn++) {
        for (const name of ["a", "b", "c"]) level.set(entry(`${name}${turn}`));
        assert.deepEqual(level.hottest(9).toSorted(), [`a${turn}`, `b${turn}`, `c${turn}`]);
        level.delete(`b${turn}`);
        level.set(entry(`d${turn}`));
        assert.equal(level.stats().items, 3);
        for (const name of ["a", "c", "d"]) assert.equal(level.delete(`${name}${turn}`), true);
      }
      assert.equal(level.stats().evictions, 0);
    });

    it("refuses what is larger than its share, and forgets the older value of that key", () => {
      const level = createMemoryLevel({ maxBytes: 100_000, policy });
      assert.equal(level.set(entry("a", 1, 9_000)), true);
      assert.equal(level.set(entry("a", 2, 10_001)), false);
      assert.equal(level.peek("a"), undefined);
      const { items, bytes, maxBytes } = level.stats();
      assert.deepEqual({ items, bytes, maxBytes }, { items: 0, bytes: 0, maxBytes: 100_000 });
    });

    it("gives the keys first that were asked for most", () => {
      const level = createMemoryLevel({ policy });
      for (let index = 0; index < 20; index++) level.set(entry(`k${index}`));
      for (let index = 0; index < 20; index++) for (let use = 0; use < index; use++) level.peek(`k${index}`);
      assert.deepEqual(level.hottest(3), ["k19", "k18", "k17"]);
      for (let rewrite = 0; rewrite < 3; rewrite++) level.set(entry("k19", rewrite));
      assert.deepEqual(level.hottest(2), ["k18", "k17"], "an entry that is only written anew fades");
      assert.deepEqual(level.hottest(0), []);
    });

    it("keeps what is asked for often through traffic that is asked for once", () => {
      const level = createMemoryLevel({ maxItems: 100, policy });
      for (let turn = 0; turn < 5_000; turn++) {
        const popular = `hot${turn % 20}`;
        if (level.peek(popular) === undefined) level.set(entry(popular));
        level.set(entry(`once${turn}`));
      }
      const hot = level.hottest(20).filter((name) => name.startsWith("hot"));
      assert.equal(hot.length, 20);
    });

    it("keeps many small entries within its bytes by evicting, whatever their sizes", () => {
      const level = createMemoryLevel({ maxBytes: 1_000_000, maxItems: 100_000, policy });
      const random = createSeededRandom(5);
      for (let index = 0; index < 20_000; index++)
        level.set(entry(`k${index}`, 1, Math.floor(10 ** (1 + random.next() * 4))));
      const { items, bytes, evictions } = level.stats();
      assert.ok(bytes <= 1_000_000 && bytes > 800_000, `${bytes} bytes`);
      assert.ok(evictions > 10_000 && items > 10);
    });
  });
}

describe("createMemoryLevel", () => {
  it("is not emptied of what is useful by a scan", () => {
    const left = (policy: EvictionPolicyName): number => {
      const level = createMemoryLevel({ maxItems: 1_000, policy });
      for (let round = 0; round < 3; round++) {
        for (let index = 0; index < 500; index++)
          if (level.peek(`hot${index}`) === undefined) level.set(entry(`hot${index}`));
      }
      for (let index = 0; index < 3_000; index++) level.set(entry(`scan${index}`));
      return [...level.entries()].filter(({ key }) => key.startsWith("hot")).length;
    };
    assert.equal(left("lru"), 0);
    assert.equal(left("adaptive"), 500);
    assert.equal(left("s3-fifo"), 500);
    assert.equal(left("sieve"), 500);
  });

  it("has as much as LRU where popularity drifts, and as much as S3-FIFO where it does not", () => {
    const rates = (key: (turn: number, chance: number) => number): Record<EvictionPolicyName, number> => {
      const rate = (policy: EvictionPolicyName): number => {
        const level = createMemoryLevel({ maxItems: 1_000, policy });
        const random = createSeededRandom(3);
        let hits = 0;
        for (let turn = 0; turn < 100_000; turn++) {
          // Popular keys have small numbers: the third power makes a few of them most of the traffic.
          const name = `k${key(turn, Math.floor(20_000 * random.next() ** 3))}`;
          if (level.peek(name) === undefined) level.set(entry(name));
          else hits++;
        }
        return hits / 100_000;
      };
      return { adaptive: rate("adaptive"), "s3-fifo": rate("s3-fifo"), lru: rate("lru"), sieve: rate("sieve") };
    };
    const steady = rates((_, rank) => rank);
    const drifting = rates((turn, rank) => (rank + Math.floor(turn / 10) * 3) % 20_000);
    assert.ok(steady["s3-fifo"] > steady.lru && drifting.lru > drifting["s3-fifo"], "each is ahead somewhere");
    assert.ok(steady.adaptive > steady["s3-fifo"] - 0.01, `${steady.adaptive} on steady traffic`);
    assert.ok(drifting.adaptive > drifting.lru - 0.01, `${drifting.adaptive} on drifting traffic`);
  });

  it("names the option that is wrong", () => {
    for (const options of [
      { maxItems: 0 },
      { maxItems: Number.NaN },
      { maxBytes: -1 },
      { maxEntryShare: 2 },
      { policy: "fifo" as "lru" },
    ]) {
      const [name = ""] = Object.keys(options);
      assert.throws(
        () => createMemoryLevel(options),
        (error) => isErrorCode(error, "CONFIG_INVALID") && error.message.startsWith(name),
      );
    }
  });
});
