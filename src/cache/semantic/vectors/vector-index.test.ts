import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createSeededRandom } from "../../../core/random.ts";
import { KERNEL_BYTES } from "./scan-kernel.ts";
import { createVectorIndex, quantize, type VectorIndex } from "./vector-index.ts";

const random = createSeededRandom(7);
const vector = (dimensions: number): number[] => Array.from({ length: dimensions }, () => random.next() - 0.5);
const rowsOf = (index: VectorIndex, query: Int8Array): number[] => index.search(query, 3).map(({ row }) => row);

describe("createVectorIndex", () => {
  it("finds in WebAssembly, in JavaScript and by signs first what the plain cosine finds", () => {
    for (const dimensions of [48, 100, 384]) {
      const vectors = Array.from({ length: 1500 }, () => vector(dimensions));
      const exact = createVectorIndex({ dimensions });
      const plain = createVectorIndex({ dimensions, useWasm: false });
      const signs = createVectorIndex({ dimensions, prefilterAbove: 100 });
      const plainSigns = createVectorIndex({ dimensions, prefilterAbove: 100, useWasm: false });
      for (const one of vectors) for (const index of [exact, plain, signs, plainSigns]) index.add(quantize(one));
      for (let round = 0; round < 10; round++) {
        const at = Math.floor(random.next() * vectors.length);
        const query = (vectors[at] ?? []).map((value) => value + (random.next() - 0.5) * 0.3);
        const bytes = quantize(query);
        const [best] = vectors
          .map((one, row) => ({ row, cosine: cosine(query, one) }))
          .toSorted((a, b) => b.cosine - a.cosine);
        const found = exact.search(bytes, 3);
        assert.equal(found[0]?.row, best?.row);
        assert.ok(Math.abs((found[0]?.similarity ?? 0) - (best?.cosine ?? 1)) < 0.01);
        assert.deepEqual(found, plain.search(bytes, 3));
        assert.equal(rowsOf(signs, bytes)[0], best?.row);
        assert.deepEqual(signs.search(bytes, 3), plainSigns.search(bytes, 3));
      }
    }
  });

  it("gives the place of a removed row to the last", () => {
    for (const prefilterAbove of [1_000_000, 10]) {
      const index = createVectorIndex({ dimensions: 64, prefilterAbove });
      const vectors = Array.from({ length: 600 }, () => quantize(vector(64)));
      for (const one of vectors) index.add(one);
      index.search(vectors[0] ?? quantize([1]), 1);
      index.swapDelete(5);
      assert.equal(index.size, 599);
      assert.equal(rowsOf(index, vectors[599] ?? quantize([1]))[0], 5);
      assert.notEqual(index.search(vectors[5] ?? quantize([1]), 1)[0]?.similarity, 1);
    }
  });

  it("takes vectors of zeros and an empty index for what they are", () => {
    const index = createVectorIndex({ dimensions: 16 });
    assert.deepEqual(index.search(quantize(vector(16)), 3), []);
    index.add(quantize(new Float32Array(16)));
    assert.equal(index.search(quantize(vector(16)), 3).filter(({ similarity }) => similarity > 0).length, 0);
  });

  it("keeps its kernel under a kilobyte", () => {
    assert.ok(KERNEL_BYTES.length < 1024);
  });
});

function cosine(a: readonly number[], b: readonly number[]): number {
  let [dot, left, right] = [0, 0, 0];
  for (let index = 0; index < a.length; index++) {
    const [x, y] = [a[index] ?? 0, b[index] ?? 0];
    dot += x * y;
    left += x * x;
    right += y * y;
  }
  return dot / Math.sqrt(left * right);
}
