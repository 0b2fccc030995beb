import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createManualClock } from "../../core/manual-clock.ts";
import type { ProcessSample } from "../process-sample.ts";
import { createPressureMonitor } from "./pressure-monitor.ts";

const CALM: ProcessSample = {
  rssBytes: 100e6,
  heapUsedBytes: 50e6,
  heapLimitBytes: 1_000e6,
  externalBytes: 0,
  cpuShare: 0,
  loopDelayMs: 0,
};

/** The level after each of these samples. */
async function levelsAfter(samples: readonly Partial<ProcessSample>[]): Promise<readonly string[]> {
  const clock = createManualClock();
  const levels: string[] = [];
  let next = 0;
  const monitor = createPressureMonitor({
    limitBytes: 1_000e6,
    clock,
    sample: () => ({ ...CALM, ...samples[next++] }),
    onSample: ({ level, cause }) => void levels.push(cause === "none" ? level : `${level} by ${cause}`),
    onChange: () => undefined,
  });
  while (next < samples.length) await clock.advance(40);
  monitor.close();
  return levels.slice(0, samples.length);
}

describe("createPressureMonitor", () => {
  it("rises at once, also by two levels, and falls by one after three calm samples", async () => {
    const calm = Array.from({ length: 6 }, () => ({}));
    assert.deepEqual(await levelsAfter([{}, { heapUsedBytes: 900e6 }, ...calm]), [
      "normal",
      "critical by memory",
      "critical by memory",
      "critical by memory",
      "high by memory",
      "high by memory",
      "high by memory",
      "normal",
    ]);
  });

  it("stays where it is between a bound and a tenth below it", async () => {
    const near = Array.from({ length: 8 }, (_, index) => ({ rssBytes: index % 3 === 0 ? 760e6 : 700e6 }));
    assert.deepEqual(new Set(await levelsAfter(near)), new Set(["high by memory"]));
  });

  it("takes a late event loop for a reason to slow down, and never for one to refuse", async () => {
    assert.deepEqual(await levelsAfter([{ loopDelayMs: 240 }, { loopDelayMs: 300 }, { loopDelayMs: 60_000 }]), [
      "normal",
      "high by event-loop",
      "high by event-loop",
    ]);
  });
});
