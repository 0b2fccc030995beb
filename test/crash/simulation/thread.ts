// Goes through worlds on a thread of its own, one after the other, until one goes wrong.
import { parentPort, workerData } from "node:worker_threads";
import { createSimulatedStore } from "./store.ts";
import { simulate, type Verdict } from "./world.ts";

export interface Share {
  readonly first: number;
  /** From one seed to the next. */
  readonly stride: number;
  readonly end: number;
}

export interface Went {
  readonly worlds: number;
  readonly lives: number;
  readonly calls: number;
  readonly refused: number;
  readonly byScene: Readonly<Record<string, number>>;
  /** The first one that went wrong. */
  readonly broken: { readonly seed: number; readonly verdict: Verdict } | undefined;
}

const { first, stride, end } = workerData as Share;
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has none
parentPort?.postMessage(await goThrough());

async function goThrough(): Promise<Went> {
  const store = createSimulatedStore();
  const sum = { worlds: 0, lives: 0, calls: 0, refused: 0 };
  const byScene: Record<string, number> = {};
  for (let seed = first; seed < end; seed += stride) {
    const verdict = await simulate({ seed, store });
    sum.worlds += 1;
    for (const scene of verdict.scenes) byScene[scene] = (byScene[scene] ?? 0) + 1;
    for (const what of ["lives", "calls", "refused"] as const) sum[what] += verdict[what];
    if (verdict.violations.length > 0) return { ...sum, byScene, broken: { seed, verdict } };
  }
  return { ...sum, byScene, broken: undefined };
}
