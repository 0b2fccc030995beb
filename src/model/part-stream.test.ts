import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ModelPart } from "./model.ts";
import { type PartSource, PartStream } from "./part-stream.ts";

function delta(text: string): ModelPart {
  return { type: "text-delta", id: "0", delta: text };
}

interface Source extends PartSource {
  left: number;
  asked: number;
}

function source(batches: readonly (readonly ModelPart[] | Error)[]): Source {
  const it: Source = {
    left: 0,
    asked: 0,
    async next() {
      const batch = batches[it.asked++];
      await new Promise((resolve) => setImmediate(resolve));
      if (batch instanceof Error) throw batch;
      return batch;
    },
    leave: () => void it.left++,
  };
  return it;
}

describe("PartStream", () => {
  it("gives the parts of all batches in their order, and asks for no batch before its time", async () => {
    const from = source([[delta("a"), delta("b")], [], [delta("c")]]);
    const stream = new PartStream(from);
    assert.equal(from.asked, 0);
    const texts: string[] = [];
    for await (const part of stream) {
      if (part.type === "text-delta") texts.push(part.delta);
      if (texts.length < 3) assert.equal(from.asked, 1);
      if (texts.length === 2) break;
    }
    assert.deepEqual([texts, from.left], [["a", "b"], 1]);
    assert.deepEqual(await stream.next(), { value: undefined, done: true });
    assert.equal(from.left, 1);
  });

  it("answers in turn those who ask before they are answered", async () => {
    const from = source([[delta("a"), delta("b")], [delta("c")]]);
    const stream = new PartStream(from);
    const answers = await Promise.all(Array.from({ length: 5 }, () => stream.next()));
    assert.deepEqual(
      answers.map(({ value }) => (value?.type === "text-delta" ? value.delta : value)),
      ["a", "b", "c", undefined, undefined],
    );
    assert.equal(from.left, 0);
  });

  it("leaves its source when that breaks, and is over then", async () => {
    const from = source([[delta("a")], new Error("broken")]);
    const stream = new PartStream(from);
    await stream.next();
    await assert.rejects(stream.next(), /broken/);
    assert.equal((await stream.next()).done, true);
    assert.deepEqual([from.left, from.asked], [1, 2]);
  });
});
