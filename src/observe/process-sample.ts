import { monitorEventLoopDelay } from "node:perf_hooks";
import { getHeapStatistics } from "node:v8";
import type { Clock } from "../core/clock.ts";

/** What the process takes at a moment. */
export interface ProcessSample {
  readonly rssBytes: number;
  readonly heapUsedBytes: number;
  /** Above it, V8 ends the process. */
  readonly heapLimitBytes: number;
  /** Buffers outside of the heap included. */
  readonly externalBytes: number;
  /** Since the last sample: processor time to wall time; 1 is one core. */
  readonly cpuShare: number;
  /** 99th percentile since the last sample, in milliseconds. */
  readonly loopDelayMs: number;
}

/** Looks at the process. */
export interface ProcessSampler {
  sample(): ProcessSample;
  close(): void;
}

/** The event loop is looked at so often, in milliseconds; less is not seen. */
const RESOLUTION_MS = 20;

/** V8 counts the halves of the young generation into its limit, 32 MiB each and three of them, where nothing old has room. */
const YOUNG_BYTES = 3 * 32 * 1_048_576;

export function createProcessSampler(clock: Clock): ProcessSampler {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  const heapLimitBytes = Math.max(YOUNG_BYTES / 2, getHeapStatistics().heap_size_limit - YOUNG_BYTES);
  let cpu = process.cpuUsage();
  let at = clock.monotonic();
  return {
    sample() {
      const { rss, heapUsed, external } = process.memoryUsage();
      const used = process.cpuUsage(cpu);
      const now = clock.monotonic();
      const loopDelayMs = delay.count === 0 ? 0 : Math.max(0, delay.percentile(99) / 1e6 - RESOLUTION_MS);
      const cpuShare = (used.user + used.system) / 1_000 / Math.max(1, now - at);
      delay.reset();
      cpu = process.cpuUsage();
      at = now;
      return {
        rssBytes: rss,
        heapUsedBytes: heapUsed,
        heapLimitBytes,
        externalBytes: external,
        cpuShare: Math.round(cpuShare * 1_000) / 1_000,
        loopDelayMs: Math.round(loopDelayMs * 10) / 10,
      };
    },
    close: () => void delay.disable(),
  };
}
