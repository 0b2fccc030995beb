import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { appendFile, cp, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { systemClock } from "../../src/core/clock.ts";
import { createSeededRandom } from "../../src/core/random.ts";
import { acknowledged } from "./acknowledged.ts";
import { type Ground, readStored, withGround } from "./child.ts";

async function wait(ground: Ground, isEnough: (effects: number) => boolean): Promise<void> {
  while (!isEnough(Object.values(ground.effects()).reduce((sum, times) => sum + times, 0))) await systemClock.sleep(5);
}

describe("a power cut, with durability full", () => {
  it("finds every step that was acknowledged on the disk, whatever of the last write is there", async (t) => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    t.diagnostic(`seed ${seed}`);
    const random = createSeededRandom(seed);
    const copies = await mkdtemp(join(tmpdir(), "millrace-power-"));
    try {
      await withGround(async (ground) => {
        const start = Array.from({ length: 6 }, (_, index) => `journey ${index}`);
        const child = ground.start({ start, ms: 12, isDurable: true });
        await child.said("owner");
        const taken: { readonly place: string; readonly steps: ReturnType<typeof acknowledged> }[] = [];
        for (let cut = 0; cut < 5; cut++) {
          await wait(ground, (effects) => effects >= 4 + cut * 16);
          child.process.kill("SIGSTOP");
          const steps = acknowledged(ground.effectsByRun());
          const place = join(copies, String(cut));
          await mkdir(place);
          for (const name of ["millrace.db", "millrace.db-wal"])
            await cp(join(ground.directory, name), join(place, name));
          // What was being written when the power failed: half of it, or anything.
          const torn = Buffer.alloc(Math.floor(random.next() * 9_000), Math.floor(random.next() * 256));
          await appendFile(join(place, "millrace.db-wal"), torn);
          taken.push({ place, steps });
          child.process.kill("SIGCONT");
        }
        await child.said("ended");
        for (const { place, steps } of taken) {
          const stored = await readStored(place, undefined);
          const known = new Map(stored.map((one) => [one.run.id, new Set(one.steps.map(({ id }) => id))]));
          assert.ok(steps.size > 0);
          for (const [run, needed] of steps) {
            for (const step of needed) assert.ok(known.get(run)?.has(step), `${step} of ${run} is gone`);
          }
          const database = new DatabaseSync(join(place, "millrace.db"));
          assert.deepEqual({ ...database.prepare("pragma integrity_check").get() }, { integrity_check: "ok" });
          database.close();
        }
      });
    } finally {
      await rm(copies, { recursive: true, force: true });
    }
  });
});

describe("an owner that is paused", () => {
  it("keeps the data, goes on when it wakes up, and nothing was done twice", async () => {
    await withGround(async (ground) => {
      const owner = ground.start({ start: ["journey"], ms: 40 });
      await wait(ground, (effects) => effects >= 2);
      owner.process.kill("SIGSTOP");
      const guest = ground.start();
      await guest.said("guest");
      await systemClock.sleep(1_200);
      owner.process.kill("SIGCONT");
      await Promise.all([owner.said("ended"), guest.said("ended")]);
      assert.deepEqual(new Set(Object.values(ground.effects())), new Set([1]));
      const [stored] = await ground.stored();
      assert.deepEqual([stored?.run.status, stored?.run.epoch], ["done", 1]);
    });
  });
});

describe("a disk that is full while runs go on", () => {
  it("holds what steps gave, and stores it once there is room: no body runs twice", async (context) => {
    const limit = (pid: number | undefined, bytes: string) =>
      promisify(execFile)("prlimit", ["--pid", String(pid), `--fsize=${bytes}:unlimited`]);
    if ((await limit(process.pid, "unlimited").catch(() => undefined)) === undefined) {
      context.skip("needs prlimit");
      return;
    }
    await withGround(async (ground) => {
      const child = ground.start({ start: ["journey"], ms: 250, isQuiet: true });
      await wait(ground, (effects) => effects >= 1);
      // A limit on the size of files, which SQLite meets as it meets a full disk; the effects are a file of another size.
      const { length } = await readFile(join(ground.directory, "effects.txt"));
      await limit(child.process.pid, String(length + 2_000));
      await systemClock.sleep(300);
      const whileFull = ground.effects();
      await limit(child.process.pid, "unlimited");
      await child.said("ended");
      assert.ok(Object.values(whileFull).reduce((sum, times) => sum + times, 0) < 14, "the disk was never full");
      assert.deepEqual(new Set(Object.values(ground.effects())), new Set([1]));
      assert.equal((await ground.stored())[0]?.run.status, "done");
    });
  });
});
