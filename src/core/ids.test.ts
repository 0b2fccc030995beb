import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createIds } from "./ids.ts";
import { createManualClock } from "./manual-clock.ts";
import { createSeededRandom } from "./random.ts";

describe("ids", () => {
  it("are UUIDs of version 7 that carry the time of birth", () => {
    const ids = createIds({ clock: createManualClock(Date.UTC(2026, 0, 1)), random: createSeededRandom(1) });
    const id = ids.next();
    assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.equal(Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16), Date.UTC(2026, 0, 1));
  });

  it("sort by birth and never repeat, within a millisecond and when the clock is set back", async () => {
    const clock = createManualClock(1_000_000);
    const ids = createIds({ clock, random: createSeededRandom(7) });
    const made: string[] = [];
    for (let index = 0; index < 20_000; index++) {
      if (index % 6_000 === 5_999) await clock.advance(1);
      if (index === 9_000) clock.jump(-500_000);
      made.push(ids.next());
    }
    assert.deepEqual(made, made.toSorted());
    assert.equal(new Set(made).size, made.length);
  });
});
