import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { after, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { systemClock } from "../../src/core/clock.ts";
import { createIds } from "../../src/core/ids.ts";
import { systemRandom } from "../../src/core/random.ts";
import { createBreaker } from "../../src/resilience/breaker.ts";
import { createSharedBreakers } from "../../src/resilience/shared/shared-breakers.ts";
import { createSharedBulkhead } from "../../src/resilience/shared/shared-bulkhead.ts";
import { createSharedRateLimiter } from "../../src/resilience/shared/shared-rate-limiter.ts";
import { createTestClock } from "../../src/resilience/test-clock.ts";
import type { TestRedis } from "../../src/cache/redis/test-redis.ts";
import { noRedis, openShared, type SharedRedis, startRedis } from "./shared-redis.ts";

const PROGRAM = fileURLToPath(new URL("process.ts", import.meta.url));
const ids = createIds({ clock: systemClock, random: systemRandom });
const children: ChildProcess[] = [];
const opened: SharedRedis[] = [];
let server: TestRedis;
let places = 0;

after(async () => {
  for (const child of children) child.kill("SIGKILL");
  for (const shared of opened) await shared.close();
  await server?.close();
});

async function redis(): Promise<TestRedis> {
  return (server ??= await startRedis());
}

async function open(params: Partial<Parameters<typeof openShared>[1]> = {}, prefix = `p${++places}:`) {
  const shared = await openShared(await redis(), { prefix, ...params });
  opened.push(shared);
  return shared;
}

interface Process {
  readonly lines: string[];
  readonly child: ChildProcess;
  said(line: string): Promise<void>;
  /** Lets it begin. */
  go(): void;
}

function startProcess(url: string, what: string): Process {
  const child = spawn(process.execPath, ["--conditions=millrace-source", PROGRAM, url, what], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  children.push(child);
  const lines: string[] = [];
  const waiting = new Map<string, () => void>();
  createInterface({ input: child.stdout }).on("line", (line) => {
    lines.push(line);
    waiting.get(line)?.();
  });
  return {
    lines,
    child,
    go: () => void child.stdin.end("go\n"),
    said: (line) => (lines.includes(line) ? Promise.resolve() : new Promise((resolve) => waiting.set(line, resolve))),
  };
}

/** Looks until it is so. */
async function until(isSo: () => boolean, between = () => systemClock.sleep(5)): Promise<void> {
  for (const startedAt = performance.now(); !isSo(); await between()) {
    assert.ok(performance.now() - startedAt < 60_000, "it never came to that");
  }
}

const AXES = { requests: { limit: 10, perMs: 60_000 } } as const;

describe("limits that processes share through Redis", { skip: noRedis ?? false, timeout: 180_000 }, () => {
  it("lets two processes together take no more than the limit", async () => {
    const { url } = await redis();
    const both = [startProcess(url, "rate"), startProcess(url, "rate")];
    await Promise.all(both.map((each) => each.said("ready")));
    for (const each of both) each.go();
    await Promise.all(both.map((each) => each.said("done")));
    const took = both.map(({ lines }) => lines.filter((line) => line === "took").length);
    assert.equal((took[0] ?? 0) + (took[1] ?? 0), 20, `${took.join(" and ")} were taken`);
  });

  it("never lets more run at once than there are places, and gives those of a killed process to the others", async () => {
    const { url } = await redis();
    const holder = startProcess(url, "hold");
    await until(() => holder.lines.filter((line) => line.startsWith("begins")).length === 3);
    const other = startProcess(url, "slots");
    await other.said("ready");
    holder.child.kill("SIGKILL");
    await once(holder.child, "exit");
    assert.ok(!other.lines.some((line) => line.startsWith("begins")), "a place was given twice");
    await other.said("done");
    let running = 0;
    for (const line of other.lines) {
      if (line.startsWith("begins")) running += 1;
      if (line.startsWith("ends")) running -= 1;
      assert.ok(running <= 3, "more ran than there are places");
    }
  });

  it("takes its part of the limits while Redis is away, says so, and asks it again when it is back", async () => {
    const own = await startRedis();
    const said: boolean[] = [];
    const clock = createTestClock();
    const shared = await openShared(own, {
      prefix: "away:",
      clock,
      share: () => 0.5,
      onChange: (isUp) => void said.push(isUp),
    });
    try {
      const now = (): number => clock.monotonic();
      const limiter = createSharedRateLimiter({ name: "m", state: shared.state, clock, axes: AXES, now });
      const first = await limiter.reserve({ requests: 4 });
      assert.equal(limiter.stats().axes.requests.limit, 10);
      await own.kill();
      // What was used is not known any more, so that nothing is there at first.
      const waiting = limiter.reserve({ requests: 1 });
      await until(() => said.length > 0);
      assert.deepEqual([said, shared.state.isUp(), limiter.stats().axes.requests.limit], [[false], false, 5]);
      first.release();
      await clock.advance(11_999);
      assert.equal(limiter.stats().waiting, 1);
      await clock.advance(1);
      await waiting;
      await own.start();
      await until(
        () => shared.state.isUp(),
        async () => {
          await clock.advance(500);
          await systemClock.sleep(10);
        },
      );
      assert.deepEqual(said, [false, true]);
      await shared.settled();
      // The server has forgotten all, and begins with what this process knows to be there, not with a full bucket.
      const ten = limiter.reserve({ requests: 10 });
      await shared.settled();
      assert.deepEqual([limiter.stats().axes.requests.limit, limiter.stats().waiting], [10, 1]);
      await clock.advance(60_000);
      await shared.settled();
      await ten;
    } finally {
      await shared.close();
      await own.close();
    }
  });

  it("waits no longer for a Redis that is paused than a command may take", async () => {
    const own = await startRedis();
    const shared = await openShared(own, { prefix: "paused:", share: () => 1, commandTimeoutMs: 400 });
    try {
      const axes = { requests: { limit: 10, perMs: 500 } };
      const limiter = createSharedRateLimiter({ name: "m", state: shared.state, clock: systemClock, axes });
      await limiter.reserve({ requests: 1 });
      own.pause();
      await limiter.reserve({ requests: 1 });
      assert.equal(shared.state.isUp(), false);
      own.resume();
      await until(() => shared.state.isUp());
      await limiter.reserve({ requests: 1 });
    } finally {
      own.resume();
      await shared.close();
      await own.close();
    }
  });

  it("takes its part where there is no server at all, and another part when there are more processes", async () => {
    const clock = createTestClock();
    let share = 1;
    const { createSharedState } = await import("../../src/resilience/shared/shared-state.ts");
    const state = createSharedState({ clock, script: undefined, share: () => share });
    const limiter = createSharedRateLimiter({ name: "m", state, clock, axes: AXES });
    const bulkhead = createSharedBulkhead({ name: "m", state, clock, ids, parallel: 5 });
    assert.deepEqual([limiter.stats().axes.requests.limit, bulkhead.stats().limit], [10, 5]);
    share = 0.25;
    state.shareChanged();
    assert.deepEqual([limiter.capacity("requests"), bulkhead.stats().limit], [2.5, 1]);
    share = 1;
    state.shareChanged();
    assert.deepEqual([limiter.capacity("requests"), bulkhead.stats().limit], [10, 5]);
    await state.close();
  });

  it("keeps nothing for ever", async () => {
    const prefix = `p${++places}:`;
    const { state, connections, settled } = await open({}, prefix);
    const limiter = createSharedRateLimiter({ name: "m", state, clock: systemClock, axes: AXES });
    await limiter.reserve({ requests: 1 });
    const bulkhead = createSharedBulkhead({ name: "m", state, clock: systemClock, ids, parallel: 1 });
    await bulkhead.run(async () => {
      const breakers = createSharedBreakers({ state, clock: systemClock });
      const breaker = createBreaker({ clock: systemClock, random: systemRandom, failures: 1 });
      breakers.join("m", breaker);
      const admission = breaker.admit();
      if (admission.isGranted) admission.end("failing");
      await breakers.exchange();
      await breakers.close();
      const keys = (await connections.client.call("KEYS", [`${prefix}*`])) as string[];
      assert.deepEqual(keys.toSorted(), [`${prefix}breakers`, `${prefix}rate:m`, `${prefix}slots:m`]);
      for (const key of keys) assert.ok(Number(await connections.client.call("PTTL", [key])) > 0, `${key} stays`);
    });
    await settled();
  });
});
