import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { measurePaired, ratio, type Side } from "../harness/paired.ts";
import type { BenchContext, Scenario } from "../harness/scenario.ts";
import { startSide } from "../harness/side-process.ts";
import { openBenchRedis } from "../sides/redis.ts";

const RUNS = 2_000;
/** Who is much slower gets fewer; the figure is per run. */
const PEER_RUNS = 100;
const SLOTS = 32;
const OURS = "millrace";
const PEER = "openworkflow";
const BULL = "BullMQ, Redis as it ships";
const BULL_ALWAYS = "BullMQ, Redis with appendfsync always";
const HAND = "by hand";
const PROCESS = new URL("../sides/three-steps.ts", import.meta.url);
const TARGETS = { peer: 20, hand: 0.7 };

/** B4: durable runs of three steps on SQLite. */
export const durableRuns: Scenario = {
  id: "B4",
  title: "durable runs of three steps on SQLite",
  description: `${RUNS} runs are started at once (${PEER_RUNS} for openworkflow), each of three steps whose results are stored before the next begins; all engines execute ${SLOTS} at a time, each as it comes, each in a process of its own. BullMQ has no steps: its jobs keep their results in the job's data (\`updateData\`), on a Redis beside. As Redis ships, what was acknowledged since its last snapshot, minutes ago, is gone when Redis is killed; with an appendfsync of always nothing is, also when the power fails. Millrace, openworkflow and the loop lose nothing when a process is killed; when the power fails, Millrace and the loop may lose the last commits, openworkflow none. By hand is a loop over \`node:sqlite\` with the same two tables, WAL, synchronous NORMAL and a commit a step, which recovers nothing and schedules nothing. Wall time a run, from the first start to the last end.`,
  target: `at least ${TARGETS.peer} times openworkflow, ${TARGETS.hand} of by hand`,
  async run(context) {
    const closers: (() => Promise<void>)[] = [];
    try {
      const sides = [
        await side(context, closers, { name: OURS, kind: "millrace", runs: RUNS }),
        await side(context, closers, { name: PEER, kind: "openworkflow", runs: PEER_RUNS }),
        await side(context, closers, { name: BULL, kind: "bullmq", runs: RUNS, redis: [] }),
        await side(context, closers, {
          name: BULL_ALWAYS,
          kind: "bullmq",
          runs: RUNS,
          redis: ["--appendonly", "yes", "--appendfsync", "always"],
        }),
        await side(context, closers, { name: HAND, kind: "by hand", runs: RUNS }),
      ];
      const rows = await measurePaired(sides, { rounds: 5 });
      const ratios = {
        "openworkflow to millrace": ratio(rows, PEER, OURS),
        "BullMQ to millrace": ratio(rows, BULL, OURS),
        "BullMQ with appendfsync always to millrace": ratio(rows, BULL_ALWAYS, OURS),
        "by hand to millrace": ratio(rows, HAND, OURS),
      };
      const met = ratios["openworkflow to millrace"] >= TARGETS.peer && ratios["by hand to millrace"] >= TARGETS.hand;
      return { rows, ratios, met };
    } finally {
      for (const close of closers.toReversed()) await close();
    }
  },
};

interface SideSpec {
  readonly name: string;
  /** Its name in `three-steps.ts`. */
  readonly kind: string;
  readonly runs: number;
  /** Settings of the Redis that it wants. */
  readonly redis?: readonly string[];
}

async function side(
  { directory }: BenchContext,
  closers: (() => Promise<void>)[],
  { name, kind, runs, redis }: SideSpec,
): Promise<Side> {
  const folder = join(directory, name.replaceAll(/\W+/g, "-"));
  mkdirSync(folder);
  const server = redis && (await openBenchRedis(folder, redis));
  if (server !== undefined) closers.push(() => server.close());
  const port = server === undefined ? [] : [`${server.port}`];
  const started = await startSide(PROCESS, [kind, folder, `${SLOTS}`, ...port]);
  closers.push(() => started.close());
  return { name, unit: "µs", measure: () => started.ask(runs) };
}
