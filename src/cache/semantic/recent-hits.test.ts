import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createManualClock } from "../../core/manual-clock.ts";
import { createSeededRandom } from "../../core/random.ts";
import { createSimilar } from "./create-similar.ts";
import { createHashEmbedder } from "./embedders/hash-embedder.ts";
import type { SimilarPartition } from "./partition.ts";

const partition: SimilarPartition = { namespace: "faq", scope: { tenant: "t", shared: "all" }, model: "test/model" };

describe("recent hits", () => {
  it("show who got the answer to which question, newest first, and what was said of it", async () => {
    const clock = createManualClock();
    const similar = createSimilar({ embedder: createHashEmbedder(), clock, random: createSeededRandom(1) });
    const asked = ["How do I reset my password?", "How do I reset my password", "how do i reset my password?!"];
    await similar.store({ partition, prompt: asked[0] ?? "", entryId: "entry", expiresAt: clock.now() + 60_000 });
    assert.deepEqual(similar.recentHits(10), []);
    await clock.advance(5_000);
    for (const prompt of asked) assert.equal((await similar.lookup({ partition, prompt })).kind, "hit");
    assert.deepEqual(
      similar.recentHits(2).map((hit) => [hit.asked, hit.matched, hit.ageMs, hit.verdict]),
      [
        [asked[2], asked[0], 5_000, null],
        [asked[1], asked[0], 5_000, null],
      ],
    );
    const [newest] = similar.recentHits(1);
    assert.partialDeepStrictEqual(newest, { namespace: "faq", similarity: 1, guards: ["same-words"], at: clock.now() });
    assert.equal(await similar.reject(newest?.id ?? ""), true);
    assert.equal(similar.recentHits(1)[0]?.verdict, "rejected");
    assert.equal(await similar.reject(newest?.id ?? ""), false);
  });

  it("are bounded, in number and in length", async () => {
    const clock = createManualClock();
    const similar = createSimilar({ embedder: createHashEmbedder(), clock, random: createSeededRandom(1) });
    const prompt = `What is this? ${"word ".repeat(400)}`;
    await similar.store({ partition, prompt, entryId: "entry", expiresAt: clock.now() + 60_000 });
    for (let time = 0; time < 250; time++) await similar.lookup({ partition, prompt });
    const hits = similar.recentHits(1_000);
    assert.equal(hits.length, 200);
    assert.equal(hits[0]?.asked.length, 2_001);
  });
});
