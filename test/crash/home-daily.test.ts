import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, before, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createSimulator, type Simulator } from "../../simulator/index.ts";
import { listSuggestions } from "../../apps/home/suggestions/suggestion-store.ts";
import { systemClock } from "../../src/core/clock.ts";
import { createManualClock } from "../../src/core/manual-clock.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { OFFSET_MS, openHomeHost } from "../home-host.ts";

const LATENCY_MS = 800;
/** How many are asked for at once. */
const AT_ONCE = 5;
const SCRIPT = fileURLToPath(new URL("home-process.ts", import.meta.url));

describe("the daily job, killed in the middle of its calls", () => {
  let folder = "";
  let simulator: Simulator;
  /** Of the provider: nothing is answered unless it moves. */
  const clock = createManualClock();
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "millrace-home-crash-"));
    simulator = createSimulator({ clock, latencyMs: LATENCY_MS });
    await simulator.start();
  });
  after(async () => {
    await simulator.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  function start(data: string): ChildProcess {
    const args = ["--conditions=millrace-source", SCRIPT, data, simulator.url, String(OFFSET_MS)];
    return spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"], env: { PATH: process.env["PATH"] } });
  }

  /** Resolves when the process has stored this many answers; it looks into the same database. */
  async function storedAnswers(data: string, wanted: number): Promise<void> {
    const store = await openSqliteStore({ directory: data, clock: systemClock });
    try {
      for (let done = 0; done < wanted; await delay(20)) {
        const [run] = (await store.runs.list({ limit: 1 })).runs;
        const steps = run === undefined ? [] : await store.runs.steps(run.id);
        done = steps.filter(({ id, state }) => id.startsWith("suggest:") && state === "done").length;
      }
    } finally {
      await store.close();
    }
  }

  it("goes on where it was and asks again only what was in flight", async () => {
    const data = join(folder, "data");
    const first = start(data);
    const exited = once(first, "exit");
    const allAsked = async (): Promise<void> => {
      while (simulator.stats().inFlight < AT_ONCE) await delay(5);
    };
    await allAsked();
    await clock.advance(LATENCY_MS);
    await storedAnswers(data, AT_ONCE);
    await allAsked();
    const { inFlight } = simulator.stats();
    first.kill("SIGKILL");
    await exited;
    const before = simulator.stats().requests;

    const second = start(data);
    assert.ok(second.stdout !== null);
    const over = new AbortController();
    const ending = Promise.all([text(second.stdout), once(second, "exit")]).finally(() => over.abort());
    for (; !over.signal.aborted; await delay(5)) await clock.advance(LATENCY_MS);
    const [ended] = await ending;
    const { status, output } = JSON.parse(ended) as { status: string; output: string };
    assert.equal(status, "done");
    const result = JSON.parse(output) as { suggestions: number; calls: number };
    assert.equal(result.suggestions, 10);
    const { requests, perPrompt } = simulator.stats();
    assert.ok(inFlight > 0, "calls were in flight at the kill");
    assert.ok(before < requests, "the second process had something left to ask");
    assert.ok(requests <= 10 + inFlight, `${requests} requests for 10 habits, ${inFlight} were in flight`);
    assert.equal(perPrompt.distinct, 10);

    const host = await openHomeHost({ data });
    try {
      const { total, items } = await listSuggestions(host.store.db, { limit: 50 });
      assert.equal(total, 10);
      assert.equal(new Set(items.map(({ runId }) => runId)).size, 1);
      assert.equal((await host.store.runs.list({ limit: 10 })).total, 1);
    } finally {
      await host.close();
    }
  });
});
