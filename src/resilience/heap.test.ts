import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { createHeap } from "./heap.ts";

interface Item {
  readonly value: number;
  place: number;
}

describe("createHeap", () => {
  it("gives items in order, whichever were taken out of its middle", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer(), fc.boolean())), (entries) => {
        const heap = createHeap<Item>((a, b) => a.value < b.value);
        const items = entries.map(([value]) => ({ value, place: -1 }));
        for (const item of items) heap.add(item);
        const kept = items.filter((item, index) => {
          if (entries[index]?.[1] === true) heap.remove(item);
          return item.place >= 0;
        });
        const given: number[] = [];
        for (let first = heap.first(); first !== undefined; first = heap.first()) {
          given.push(first.value);
          heap.remove(first);
        }
        assert.deepEqual(
          given,
          kept.map(({ value }) => value).sort((a, b) => a - b),
        );
        assert.equal(heap.size, 0);
      }),
    );
  });

  it("does nothing for an item that lies in no heap", () => {
    const heap = createHeap<Item>((a, b) => a.value < b.value);
    heap.add({ value: 1, place: -1 });
    heap.remove({ value: 1, place: -1 });
    assert.equal(heap.size, 1);
  });
});
