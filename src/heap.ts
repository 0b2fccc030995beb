import module from "node:module";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Clock } from "./core/clock.ts";

/**
 * V8 lets the heap grow to several times of what is alive before it collects. A process whose memory is mostly caches would hold several
 * times their bounds: with this flag it collects once the heap is half as large again. Costs some CPU where much is replaced.
 */
export const HEAP_GROWTH_FLAG = "--heap-growing-percent=50";

/**
 * Sets the flag once most of the code is loaded. What was compiled under other flags V8 compiles anew: set at the start, the flag would cost
 * all of Node's own modules their compiled code; and what is compiled by now is written down under the flags that the next start has then.
 */
export function boundHeapGrowth(): void {
  module.flushCompileCache();
  setFlagsFromString(HEAP_GROWTH_FLAG);
}

/** Long enough for the work of a start to be over, in milliseconds. */
const AFTER_START_MS = 4_000;

interface CollectOptions {
  readonly type: "major";
  readonly execution: "sync";
  readonly flavor: "last-resort";
}

/**
 * Once, some seconds after a start: bounds the growth of the heap, collects what the start left behind and gives its pages back to the
 * system, which V8 does not do by itself while nothing is asked of it. The event loop rests meanwhile, about as long as one compaction takes.
 * Gives the way to call it off.
 */
export function settleAfterStart(clock: Clock): () => void {
  const timer = clock.after(AFTER_START_MS, () => {
    boundHeapGrowth();
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as (options: CollectOptions) => void;
    setFlagsFromString("--no-expose-gc");
    collect({ type: "major", execution: "sync", flavor: "last-resort" });
  });
  return () => timer.cancel();
}
