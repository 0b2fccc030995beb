import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { withBench } from "../../test/crash/engine-harness.ts";
import { createManualClock } from "../core/manual-clock.ts";
import { defineAutomation } from "./automation.ts";
import { type CpuPool, createCpuPool } from "./cpu-pool.ts";
import { on } from "./trigger.ts";

const MODULE = new URL("../../test/crash/cpu-work.ts", import.meta.url);
const going = new AbortController().signal;

async function withPool(body: (pool: CpuPool) => Promise<void>, size = 2): Promise<void> {
  const pool = createCpuPool({ clock: createManualClock(), size });
  try {
    await body(pool);
  } finally {
    await pool.close();
    assert.equal(pool.threads, 0);
  }
}

describe("createCpuPool", () => {
  it("works on a few threads at once, and on all that is asked of it", async () => {
    await withPool(async (pool) => {
      const calls = Array.from({ length: 9 }, () =>
        pool.run({ module: MODULE, input: { what: "thread", n: 5 }, signal: going }),
      );
      assert.equal(new Set(await Promise.all(calls)).size, 2);
      assert.equal(pool.threads, 2);
      const squares = [1, 2, 3].map((n) => pool.run({ module: MODULE, input: { what: "square", n }, signal: going }));
      assert.deepEqual(await Promise.all(squares), [1, 4, 9]);
    });
  });

  it("hands errors back as errors, and goes on", async () => {
    await withPool(async (pool) => {
      const ask = (what: string) => pool.run({ module: MODULE, input: { what }, signal: going });
      await assert.rejects(ask("throw"), {
        name: "RangeError",
        message: "too far",
        code: "TOO_FAR",
        isRetryable: false,
      });
      await assert.rejects(ask("wait"), { name: "DataCloneError" });
      await assert.rejects(ask("die"), { code: "STEP_FAILED", message: /died: it ended with code 3/ });
      const nowhere = new URL("./nowhere.ts", import.meta.url);
      await assert.rejects(pool.run({ module: nowhere, input: 1, signal: going }), { code: "ERR_MODULE_NOT_FOUND" });
      assert.equal(await pool.run({ module: MODULE, input: { what: "square", n: 3 }, signal: going }), 9);
    }, 1);
  });

  it("refuses what would make the queue longer than it may be, and takes more once there is room", async () => {
    const pool = createCpuPool({ clock: createManualClock(), size: 1, mostWaiting: 2 });
    try {
      const ask = (n: number) => pool.run({ module: MODULE, input: { what: "square", n }, signal: going });
      const asked = [ask(1), ask(2), ask(3)];
      await assert.rejects(ask(4), { code: "CAPACITY_REACHED", isRetryable: true, message: /2 steps wait/ });
      assert.deepEqual(await Promise.all(asked), [1, 4, 9]);
      assert.equal(await ask(5), 25);
    } finally {
      await pool.close();
    }
  });

  it("ends a thread that is stopped, whatever it does, and those that wait go on", async () => {
    await withPool(async (pool) => {
      const stop = new AbortController();
      const spinning = pool.run({ module: MODULE, input: { what: "spin" }, signal: stop.signal });
      const next = pool.run({ module: MODULE, input: { what: "square", n: 4 }, signal: going });
      const never = new AbortController();
      const waiting = pool.run({ module: MODULE, input: { what: "square", n: 5 }, signal: never.signal });
      never.abort(new Error("no longer"));
      await assert.rejects(waiting, /no longer/);
      stop.abort(new Error("enough"));
      await assert.rejects(spinning, /enough/);
      assert.equal(await next, 16);
    }, 1);
  });

  it("hands buffers over instead of copying them", async () => {
    await withPool(async (pool) => {
      const bytes = new Uint8Array(1_000_000);
      const { buffer } = bytes;
      const size = await pool.run({
        module: MODULE,
        input: { what: "size", bytes },
        transfer: [buffer],
        signal: going,
      });
      assert.deepEqual([size, buffer.byteLength], [1_000_000, 0]);
    });
  });

  it("lets threads go that have nothing to do", async () => {
    const clock = createManualClock();
    const pool = createCpuPool({ clock, idleMs: 1_000 });
    await pool.run({ module: MODULE, input: { what: "square", n: 1 }, signal: going });
    assert.equal(pool.threads, 1);
    await clock.advance(1_001);
    assert.equal(pool.threads, 0);
    await pool.close();
  });
});

describe("step.cpu", () => {
  it("stores what the thread gave, and ends the thread when the time is up", async () => {
    await withBench(async ({ engine, runToEnd, store }) => {
      const counts = defineAutomation("counts", { on: [on.manual()], retry: { attempts: 1 } }, async ({ step }) => {
        const nine = await step.cpu<number>("square", MODULE, { what: "square", n: 3 });
        await step.cpu("spin", MODULE, { what: "spin" }, { timeoutMs: 500 });
        return nine;
      });
      const started = engine([counts]);
      await started.start();
      const run = await runToEnd(started, "counts");
      assert.deepEqual([run.status, run.error?.code], ["failed", "STEP_TIMEOUT"]);
      assert.equal((await store.runs.steps(run.id)).find(({ id }) => id === "square")?.output, "9");
    });
  });
});
