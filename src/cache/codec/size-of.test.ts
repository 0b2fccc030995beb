import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import { sizeOf } from "./size-of.ts";

/** Makers of values of about a few kilobytes, as source: they run in a process of their own whose heap is measured. */
const SHAPES: Readonly<Record<string, string>> = {
  "a text of one byte a character": "() => Buffer.alloc(4000, 97 + (i % 20)).toString('latin1')",
  "a text of two bytes a character": "() => Buffer.alloc(4000, 1 + (i % 20)).toString('utf16le')",
  "a model's answer":
    "() => JSON.parse(JSON.stringify({ id: 'a' + i, text: 'word '.repeat(300), usage: { input: 100 + i, output: 20 } }))",
  "a list of records":
    "() => JSON.parse(JSON.stringify(Array.from({ length: 50 }, (_, n) => ({ id: 'row-' + i + '-' + n, value: n / 3, on: true }))))",
  "an embedding": "() => Array.from({ length: 384 }, (_, n) => n / 7)",
  "an embedding in a typed array": "() => new Float32Array(384).fill(i)",
  bytes: "() => new Uint8Array(5000)",
  "a map": "() => new Map(Array.from({ length: 100 }, (_, n) => ['key-' + i + '-' + n, { n }]))",
  "a set": "() => new Set(Array.from({ length: 100 }, (_, n) => 'key-' + i + '-' + n))",
  "a dictionary": "() => Object.fromEntries(Array.from({ length: 200 }, (_, n) => ['key-' + i + '-' + n, n]))",
};

describe("sizeOf", () => {
  it("comes within a factor of two of the heap that values really take", () => {
    const module = new URL("./size-of.ts", import.meta.url).href;
    const program = `
      import { sizeOf } from ${JSON.stringify(module)};
      const used = () => { gc(); gc(); const { heapUsed, arrayBuffers } = process.memoryUsage(); return heapUsed + arrayBuffers; };
      const makers = {${Object.entries(SHAPES)
        .map(([name, source]) => `${JSON.stringify(name)}: (i) => (${source})()`)
        .join(",")}};
      const result = {};
      for (const [name, make] of Object.entries(makers)) {
        const kept = new Array(400).fill(undefined);
        make(0);
        const before = used();
        for (let i = 0; i < kept.length; i++) kept[i] = make(i);
        const real = (used() - before) / kept.length;
        result[name] = sizeOf(kept[1]) / real;
      }
      console.log(JSON.stringify(result));`;
    const { stdout, stderr } = spawnSync(process.execPath, ["--expose-gc", "--input-type=module", "--eval", program], {
      encoding: "utf8",
    });
    const ratios = Object.entries(JSON.parse(stdout || "{}") as Record<string, number>);
    assert.equal(ratios.length, Object.keys(SHAPES).length, stderr);
    for (const [name, ratio] of ratios)
      assert.ok(ratio > 0.5 && ratio < 2, `${name}: estimate / heap = ${ratio.toFixed(2)}`);
  });

  it("counts what is reached twice once, and bears cycles and depth", () => {
    const shared = "x".repeat(10_000);
    const part = { shared };
    const value: Record<string, unknown> = { a: part, b: part };
    value["self"] = value;
    assert.ok(sizeOf(value) < 11_000);
    let deep: unknown = 1;
    for (let level = 0; level < 100_000; level++) deep = [deep];
    assert.ok(sizeOf(deep) > 100_000);
  });

  it("does not walk the holes of a list whose length says billions", () => {
    const sparse: unknown[] = ["first"];
    sparse[4_000_000_000] = "last";
    assert.ok(sizeOf(sparse) < 1_000);
    assert.ok(sizeOf(Array.from({ length: 200_000 }, () => "x")) > 200_000 * 8);
  });

  it("takes anything", () => {
    for (const value of [undefined, null, 1n, Symbol("x"), () => 1, new Error("x"), new ArrayBuffer(8)])
      assert.ok(sizeOf(value) >= 0);
  });
});
