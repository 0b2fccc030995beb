import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { createManualClock } from "../../core/manual-clock.ts";
import { createSeededRandom } from "../../core/random.ts";
import { createSimilar } from "./create-similar.ts";
import { createHashEmbedder } from "./embedders/hash-embedder.ts";
import type { SimilarMode } from "./guards/judge.ts";

const FILE = new URL("../../../../shared/data/semantic-cache/pairs.jsonl", import.meta.url);

interface Pair {
  readonly id: string;
  readonly set: "own" | "banking";
  readonly a: string;
  readonly b: string;
  readonly same: 0 | 1;
}

function readPairs(): Pair[] | undefined {
  try {
    const lines = readFileSync(FILE, "utf8").trim().split("\n");
    return lines.map((line) => JSON.parse(line) as Pair);
  } catch {
    return undefined;
  }
}

const pairs = readPairs();
const skip = pairs === undefined ? "shared/data/semantic-cache/pairs.jsonl is not there" : false;

describe("the sample pairs, stored and looked up with the embedder that needs nothing", { skip }, () => {
  for (const mode of ["balanced", "strict", "exact-terms"] as const) {
    it(`serves no trap in ${mode}`, async () => {
      assert.deepEqual((await served(0, "own", mode)).concat(await served(0, "banking", mode)), []);
    });
  }

  for (const mode of ["balanced", "strict"] as const) {
    it(`serves at least 40 % of the paraphrases in ${mode}`, async () => {
      for (const set of ["own", "banking"] as const) {
        const all = pairs?.filter((pair) => pair.set === set && pair.same === 1).length ?? 0;
        assert.ok((await served(1, set, mode)).length >= 0.4 * all, set);
      }
    });
  }
});

async function served(same: 0 | 1, set: Pair["set"], mode: SimilarMode): Promise<string[]> {
  const ids: string[] = [];
  for (const pair of pairs ?? []) {
    if (pair.same !== same || pair.set !== set) continue;
    const similar = createSimilar({
      embedder: createHashEmbedder(),
      clock: createManualClock(),
      random: createSeededRandom(1),
    });
    const partition = { namespace: set, scope: { tenant: "t", user: "u" }, model: "m" };
    await similar.store({ partition, prompt: pair.a, entryId: pair.id, expiresAt: Number.MAX_SAFE_INTEGER });
    const found = await similar.lookup({ partition, prompt: pair.b, mode });
    if (found.kind === "hit") ids.push(pair.id);
  }
  return ids;
}
