import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { importPeer } from "../../../../bench/harness/peers.ts";
import { quantize, createVectorIndex } from "../vectors/vector-index.ts";
import type { Embedder } from "./embedder.ts";
import { createHashEmbedder } from "./hash-embedder.ts";
import { openLocalEmbedder } from "./local-embedder.ts";

async function similarity(embedder: Embedder, a: string, b: string): Promise<number> {
  const vectors = await embedder.embed([a, b]);
  const [left = new Int8Array(), right = new Int8Array()] = vectors.map(quantize);
  const index = createVectorIndex({ dimensions: embedder.dimensions });
  index.add(left);
  return index.search(right, 1)[0]?.similarity ?? 0;
}

describe("embedders", () => {
  it("find much the same words near without any weights, in any script", async () => {
    const embedder = createHashEmbedder();
    assert.ok((await similarity(embedder, "How do I prune roses?", "how do I prune my roses")) > 0.5);
    assert.ok((await similarity(embedder, "How do I prune roses?", "Which bus goes to Bath?")) < 0.3);
    assert.ok((await similarity(embedder, "薔薇の剪定方法", "薔薇の剪定の方法")) > 0.5);
  });

  it("say when the packages with weights are not installed", async () => {
    const missing = Object.assign(new Error("gone"), { code: "ERR_MODULE_NOT_FOUND" });
    assert.equal(await openLocalEmbedder(() => Promise.reject(missing)), undefined);
    await assert.rejects(() => openLocalEmbedder(() => Promise.reject(new Error("torn"))), /torn/);
  });

  it("find meaning near with the packages that hold weights", async (t) => {
    const embedder = await openLocalEmbedder(importPeer).catch((error: unknown) => {
      if (process.env["CI"] === "true" || !String(error).includes("could not be installed")) throw error;
    });
    if (embedder === undefined) return t.skip("the packages of bench/peers could not be installed");
    const near = await similarity(embedder, "How do I prune roses?", "What is the way to cut back a rose bush?");
    assert.ok(near > 0.6 && near > (await similarity(embedder, "How do I prune roses?", "Which bus goes to Bath?")));
  });
});
