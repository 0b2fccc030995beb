import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { createManualClock } from "../../../core/manual-clock.ts";
import { createSeededRandom } from "../../../core/random.ts";
import { createSimilar } from "../create-similar.ts";
import { createHashEmbedder } from "../embedders/hash-embedder.ts";

type Half = "development" | "held-out";

const LEAST_RECALL = 0.6;

describe("questions that the guards were not made with, by the embedder that needs nothing and as it comes", () => {
  for (const half of ["development", "held-out"] as const) {
    it(`are not answered where they only look alike (${half})`, async () => {
      assert.deepEqual(await servedOf(readPairs("traps.txt", half)), []);
    });

    it(`are answered in other words, ${LEAST_RECALL * 100} % of them at least (${half})`, async () => {
      const pairs = readPairs("paraphrases.txt", half);
      const served = await servedOf(pairs);
      assert.ok(served.length >= LEAST_RECALL * pairs.length, `${served.length} of ${pairs.length}`);
    });
  }
});

/** Of each kind every second line. */
function readPairs(name: string, half: Half): (readonly [string, string])[] {
  const seen = new Map<string, number>();
  const lines = readFileSync(new URL(name, import.meta.url), "utf8")
    .trim()
    .split("\n");
  return lines.flatMap((line) => {
    const [, kind = "", a = "", b = ""] = /^([\w-]+): (.+) \| (.+)$/.exec(line) ?? [];
    const count = seen.get(kind) ?? 0;
    seen.set(kind, count + 1);
    return (count % 2 === 0) === (half === "development") ? [[a, b] as const] : [];
  });
}

async function servedOf(pairs: readonly (readonly [string, string])[]): Promise<string[]> {
  const served: string[] = [];
  for (const [a, b] of pairs) {
    const similar = createSimilar({
      embedder: createHashEmbedder(),
      clock: createManualClock(),
      random: createSeededRandom(1),
    });
    const partition = { namespace: "evaluation", scope: { tenant: "t", user: "u" }, model: "m" };
    await similar.store({ partition, prompt: a, entryId: "a", expiresAt: Number.MAX_SAFE_INTEGER });
    if ((await similar.lookup({ partition, prompt: b })).kind === "hit") served.push(`${a} | ${b}`);
  }
  return served;
}
