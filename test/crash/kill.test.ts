import assert from "node:assert/strict";
import { before, describe, it } from "node:test";

import { createSeededRandom } from "../../src/core/random.ts";
import { systemClock } from "../../src/core/clock.ts";
import { type Ground, withGround } from "./child.ts";

const ITEMS = Array.from({ length: 12 }, (_, index) => `item-${index}`);
const ALL = ["one", "two", ...ITEMS, "three"];

/* What becomes of every kind of step, killed at each of its points, is asked in matrix.test.ts. */

/** What a run that nobody disturbed gave. */
let unbroken: string;

/** Lets a new process go on with what is stored, to the end; gives how long it took from its start until it executed again, in milliseconds. */
async function goOn(ground: Ground): Promise<number> {
  const child = ground.start();
  await child.said("owner");
  const startedAt = performance.now();
  const executing = child.said("executing").then(() => performance.now() - startedAt);
  executing.catch(() => undefined);
  await child.said("ended");
  assert.deepEqual(await child.gone, { code: 0, signal: null });
  return executing;
}

/** Checks that the one run of a folder came out as if nothing had happened. */
async function requireWhole(ground: Ground): Promise<void> {
  const stored = await ground.stored();
  assert.equal(stored.length, 1);
  assert.deepEqual([stored[0]?.run.status, stored[0]?.run.output], ["done", unbroken]);
  assert.deepEqual(stored[0]?.steps.length, ALL.length);
}

/** Lets something happen that takes so many milliseconds at most: a busy machine may be slow now and then, but not five times. */
async function isQuick(longestMs: number, work: (ground: Ground) => Promise<number>): Promise<void> {
  const took: number[] = [];
  do await withGround(async (ground) => void took.push(await work(ground)));
  while (Math.min(...took) >= longestMs && took.length < 5);
  assert.ok(Math.min(...took) < longestMs, `${took.join(", ")} ms`);
}

/** Remembers which steps were finished at each look, and how often their bodies had run by then. */
function createFinished() {
  const ran = new Map<string, number>();
  return {
    async look(ground: Ground): Promise<void> {
      const effects = ground.effectsByRun();
      for (const { run, steps } of await ground.stored()) {
        for (const { id } of steps) {
          const effect = `${run.id} ${id.replace("ask:", "")}`;
          if (!ran.has(effect)) ran.set(effect, effects[effect] ?? 0);
        }
      }
    },
    requireUntouched(ground: Ground): void {
      const effects = ground.effectsByRun();
      assert.ok(ran.size > 0);
      for (const [effect, times] of ran) assert.equal(effects[effect], times, effect);
    },
  };
}

describe("kill -9", () => {
  before(async () => {
    await withGround(async (ground) => {
      const child = ground.start({ start: ["journey"] });
      await child.said("ended");
      const [stored] = await ground.stored();
      unbroken = stored?.run.output ?? "";
      assert.deepEqual(ground.effects(), Object.fromEntries(ALL.map((what) => [what, 1])));
    });
  });

  it("in a step: runs again only that one, resumes within a second, and comes to the same end", async () => {
    await isQuick(1_000, async (ground) => {
      const child = ground.start({ haltAt: "in two", start: ["journey"] });
      await child.said("halted 1");
      await child.kill();
      const ms = await goOn(ground);
      assert.deepEqual(ground.effects(), Object.fromEntries(ALL.map((what) => [what, what === "two" ? 2 : 1])));
      await requireWhole(ground);
      return ms;
    });
  });

  it("in the middle of a map: asks again only the five in flight", async () => {
    await isQuick(1_000, async (ground) => {
      const child = ground.start({ haltAt: "in map", start: ["journey"] });
      await child.said("halted 5");
      await child.kill();
      const inFlight = new Set(ITEMS.slice(5, 10));
      assert.deepEqual(
        ground.effects(),
        Object.fromEntries(["one", "two", ...ITEMS.slice(0, 10)].map((what) => [what, 1])),
      );
      const ms = await goOn(ground);
      assert.deepEqual(ground.effects(), Object.fromEntries(ALL.map((what) => [what, inFlight.has(what) ? 2 : 1])));
      await requireWhole(ground);
      return ms;
    });
  });

  it("after the end: executes nothing again", async () => {
    await withGround(async (ground) => {
      const child = ground.start({ start: ["journey"] });
      await child.said("ended");
      await child.kill();
      await assert.rejects(goOn(ground), /without saying "executing"/);
      assert.deepEqual(ground.effects(), Object.fromEntries(ALL.map((what) => [what, 1])));
      await requireWhole(ground);
    });
  });

  it("of the owner: another process that waits takes over", async () => {
    await isQuick(2_500, async (ground) => {
      const owner = ground.start({ haltAt: "in two", start: ["journey"] });
      await owner.said("halted 1");
      const guest = ground.start();
      await guest.said("guest");
      await owner.kill();
      const killedAt = performance.now();
      await guest.said("ended");
      const ms = performance.now() - killedAt;
      await guest.gone;
      await requireWhole(ground);
      return ms;
    });
  });

  it("by the run itself, five times: gives the run up and lets the process live", async () => {
    await withGround(async (ground) => {
      for (let crash = 1; crash <= 5; crash++) {
        const { signal } = await ground.start({ start: crash === 1 ? ["poison"] : [] }).gone;
        assert.equal(signal, "SIGKILL", `crash ${crash}`);
      }
      await ground.start().said("ended");
      const [stored] = await ground.stored();
      assert.deepEqual([stored?.run.status, stored?.run.error?.code], ["failed", "RUN_CRASHED"]);
    });
  });

  it("at random moments: every run ends, and no finished step runs again", async (t) => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    t.diagnostic(`seed ${seed}`);
    const random = createSeededRandom(seed);
    await withGround(async (ground) => {
      const start = Array.from({ length: 8 }, (_, index) => `journey ${index}`);
      const finished = createFinished();
      // Once less than a run is given up for, as a busy machine may come to none of its steps in between.
      for (let kill = 0; kill < 4; kill++) {
        const child = ground.start({ ms: 15, start });
        await child.said("owner");
        // The second step begins when the first is stored: one at least is finished before the first kill.
        while (Object.keys(ground.effects()).length < 2) await systemClock.sleep(5);
        await systemClock.sleep(random.next() * 120);
        await child.kill();
        await finished.look(ground);
      }
      const last = ground.start({ start });
      await last.said("ended");
      await last.gone;
      const stored = await ground.stored();
      assert.equal(stored.length, 8);
      for (const { run, steps } of stored) {
        assert.deepEqual([run.status, run.output, steps.length], ["done", unbroken, ALL.length]);
      }
      finished.requireUntouched(ground);
    });
  });
});
