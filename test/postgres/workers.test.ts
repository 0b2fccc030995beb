import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { findPostgres, startTestPostgres } from "../../src/store/postgres/test-postgres.ts";
import { postgresForTests } from "../../src/store/postgres/test-server.ts";
import { systemClock } from "../../src/core/clock.ts";
import { acknowledged } from "../crash/acknowledged.ts";
import { type Ground, withGround } from "../crash/child.ts";

const ITEMS = Array.from({ length: 12 }, (_, index) => `item-${index}`);
const ALL = ["one", "two", ...ITEMS, "three"];

const server = await postgresForTests(process.env);
if (typeof server !== "string") after(() => server.close());

async function onPostgres(body: (ground: Ground) => Promise<void>): Promise<void> {
  assert.ok(typeof server !== "string");
  await withGround(body, await server.database());
}

/** Checks that each run came to its end with each step stored once, and that bodies ran as often as they may have. */
async function requireWhole(
  ground: Ground,
  { runs, again }: { readonly runs: number; readonly again: number },
): Promise<void> {
  const stored = await ground.stored();
  assert.equal(stored.length, runs);
  for (const { run, steps } of stored) {
    assert.deepEqual([run.status, steps.length], ["done", ALL.length]);
    assert.equal(run.output, stored[0]?.run.output);
  }
  const effects = Object.values(ground.effectsByRun());
  assert.equal(effects.length, runs * ALL.length);
  const repeated = effects.reduce((sum, times) => sum + times - 1, 0);
  assert.ok(repeated <= again, `${repeated} bodies ran again, not ${again} at most`);
}

describe(
  "worker processes on one Postgres",
  { skip: typeof server === "string" ? server : false, timeout: 180_000 },
  () => {
    it("executes the same automations as on SQLite, with the same result", async () => {
      const outputs: (string | null | undefined)[] = [];
      const run = async (ground: Ground): Promise<void> => {
        const child = ground.start({ start: ["journey"] });
        await child.said("ended");
        assert.deepEqual(await child.gone, { code: 0, signal: null });
        outputs.push((await ground.stored())[0]?.run.output);
      };
      await withGround(run);
      await onPostgres(run);
      assert.ok(typeof outputs[0] === "string");
      assert.equal(outputs[0], outputs[1]);
    });

    it("goes on with the runs of a worker that was killed, on the other one", async () => {
      await onPostgres(async (ground) => {
        const start = Array.from({ length: 20 }, (_, index) => `journey ${index}`);
        const killed = ground.start({ start, haltAt: "in two" });
        await killed.said("halted 20");
        const other = ground.start();
        await other.said("owner");
        await killed.kill();
        await other.said("ended");
        await requireWhole(ground, { runs: 20, again: 20 });
        const { run } = (await ground.stored())[0] ?? {};
        assert.equal(run?.crashes, 0, "a stored step has calmed it");
      });
    });

    it("goes on when all workers were killed and new ones start", async () => {
      await onPostgres(async (ground) => {
        const start = Array.from({ length: 6 }, (_, index) => `journey ${index}`);
        const first = ground.start({ start, ms: 40 });
        const second = ground.start({ ms: 40 });
        await Promise.all([first.said("executing"), second.said("owner")]);
        await Promise.all([first.kill(), second.kill()]);
        // What was acknowledged is started again under its keys, and answered by the runs that are there.
        const third = ground.start({ start });
        await third.said("ended");
        await requireWhole(ground, { runs: 6, again: 6 * 12 });
      });
    });

    it("refuses what a worker writes that slept through its lease, and lets it go on with other work", async () => {
      await onPostgres(async (ground) => {
        const zombie = ground.start({ start: ["journey"], ms: 300 });
        await zombie.said("executing");
        zombie.process.kill("SIGSTOP");
        const other = ground.start();
        await other.said("ended");
        const before = await ground.stored();
        zombie.process.kill("SIGCONT");
        await zombie.said("ended");
        assert.deepEqual(await zombie.gone, { code: 0, signal: null });
        assert.deepEqual(await ground.stored(), before, "the zombie has changed something");
        await requireWhole(ground, { runs: 1, again: ALL.length });
      });
    });

    it("loses nothing that was acknowledged when the database is killed under load, and goes on once it is there again", async () => {
      const bin = findPostgres(process.env);
      assert.ok(bin !== undefined);
      const own = await startTestPostgres(bin, { isDurable: true });
      try {
        await withGround(async (ground) => {
          const start = Array.from({ length: 10 }, (_, index) => `journey ${index}`);
          const worker = ground.start({ start, ms: 60 });
          while (Object.keys(ground.effectsByRun()).length < 60) await systemClock.sleep(10);
          await own.kill();
          const kept = acknowledged(ground.effectsByRun());
          await own.start();
          const known = new Map((await ground.stored()).map(({ run, steps }) => [run.id, steps.map(({ id }) => id)]));
          assert.ok(kept.size > 0);
          for (const [run, steps] of kept) {
            for (const step of steps) assert.ok(known.get(run)?.includes(step), `${step} of ${run} is gone`);
          }
          await worker.said("ended");
          assert.deepEqual(await worker.gone, { code: 0, signal: null });
          await requireWhole(ground, { runs: 10, again: 0 });
        }, own.url);
      } finally {
        await own.close();
      }
    });
  },
);
