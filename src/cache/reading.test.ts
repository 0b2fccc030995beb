import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { createManualClock } from "../core/manual-clock.ts";
import { createSeededRandom } from "../core/random.ts";
import { createCache } from "./create-cache.ts";
import { openFilesLevel } from "./files/level.ts";
import { createMemoryLevel } from "./memory/memory-level.ts";

const KEPT = { ttl: "1h", jitter: 0 } as const;

describe("a read below memory", () => {
  it("does not bring back what a value replaced while it was under way", async (t) => {
    const directory = await mkdtemp(join(tmpdir(), "millrace-reading-"));
    const clock = createManualClock(1_700_000_000_000);
    const memory = createMemoryLevel();
    const files = await openFilesLevel({ directory, clock, minBytes: 0 });
    const cache = createCache({ memory, files, clock, random: createSeededRandom(1) });
    t.after(async () => {
      await cache.close();
      await rm(directory, { recursive: true, force: true });
    });
    for (let round = 0; round < 20; round++) {
      await cache.set("k", "old", KEPT);
      await cache.flush();
      memory.clear();
      const reading = cache.get("k");
      await cache.set("k", "new", KEPT);
      if (round % 2 === 0) await cache.flush();
      assert.equal((await reading)?.value, "new");
      assert.equal(cache.peek("k"), "new");
    }
  });
});
