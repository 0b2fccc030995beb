import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createManualClock } from "../core/manual-clock.ts";
import { openSimilarEmbedder } from "../similar-embedder.ts";
import { openCallsWorld } from "./test-world.ts";

const MODEL = "openai/text-embedding-3-small";

describe("ai.embed", () => {
  it("sends the texts of all who ask within a moment in one request, each once, and keeps every vector", async () => {
    const clock = createManualClock();
    await using world = await openCallsWorld({ clock });
    const first = world.ai.embed({ model: MODEL, texts: ["a light", "a door"] });
    const second = world.ai.embed({ model: MODEL, texts: ["a door", "a window"] });
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(100);
    const [one, two] = await Promise.all([first, second]);
    assert.deepEqual([one.vectors.length, two.vectors.length], [2, 2]);
    assert.deepEqual(one.vectors[1], two.vectors[0]);
    assert.notDeepEqual(one.vectors[0], one.vectors[1]);
    assert.equal(world.simulator.stats().byRoute["POST /v1/embeddings"], 1);
    const again = await world.ai.embed({ model: MODEL, texts: ["a window", "a light"] });
    assert.deepEqual([again.vectors, again.reused], [[two.vectors[1], one.vectors[0]], 2]);
    assert.equal(world.simulator.stats().byRoute["POST /v1/embeddings"], 1);
  });

  it("does not wait for the moment to pass when ten have asked", async () => {
    const clock = createManualClock();
    await using world = await openCallsWorld({ clock });
    const asks = Array.from({ length: 10 }, (_, index) => world.ai.embed({ model: MODEL, texts: [`text ${index}`] }));
    assert.equal((await Promise.all(asks)).length, 10);
    assert.equal(world.simulator.stats().byRoute["POST /v1/embeddings"], 1);
  });

  it("says what is wrong, and keeps nothing of a failure", async () => {
    await using world = await openCallsWorld({ simulator: { apiKey: "another" } });
    await assert.rejects(world.ai.embed({ model: MODEL, texts: ["a", ""] }), { code: "INPUT_INVALID" });
    await assert.rejects(world.ai.embed({ model: "anthropic/claude-haiku-4-5", texts: ["a"] }), /no embeddings/);
    await assert.rejects(world.ai.embed({ model: MODEL, texts: ["a"] }), /does not accept the key/);
    assert.deepEqual(await world.cache.keys("embeddings:**"), []);
  });

  it("can find similar questions", async () => {
    await using world = await openCallsWorld();
    const embedder = await openSimilarEmbedder(MODEL, () => world.factory);
    assert.deepEqual([embedder.id, embedder.dimensions], [MODEL, 1_536]);
    const [vector] = await embedder.embed(["how do I reset a password"]);
    assert.equal(vector?.length, 1_536);
  });
});
