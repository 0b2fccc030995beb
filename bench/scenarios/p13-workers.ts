import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadConfig, openHost } from "millrace";
import { measurePaired, ratio, type Side } from "../harness/paired.ts";
import type { BenchContext, Scenario } from "../harness/scenario.ts";
import { openBenchPostgres } from "../sides/postgres.ts";
import { SLOTS, STEP_MS, waiting } from "../sides/waiting-automation.ts";

const RUNS_A_WORKER = 120;
const WORKER = fileURLToPath(new URL("../sides/waiting-worker.ts", import.meta.url));
const nameOf = (workers: number): string => `${workers} ${workers === 1 ? "worker" : "workers"}`;
const TARGET = 0.85;

/** P13: twice the workers, twice the runs. */
export const workers: Scenario = {
  id: "P13",
  title: "runs by one, two and three worker processes",
  description: `${RUNS_A_WORKER} runs for each worker are started at once by a process that executes none, on one Postgres that does not wait for the disk. Each worker executes ${SLOTS} at a time; a run has two steps that wait ${STEP_MS} ms each and compute next to nothing, so that a worker gives at most ${(SLOTS * 1_000) / (2 * STEP_MS)} runs/s. All processes and the database share one machine.`,
  target: `two workers at least ${2 * TARGET} times one`,
  async run(context) {
    const server = await openBenchPostgres();
    try {
      const sides: Side[] = [];
      for (const count of [1, 2, 3]) sides.push(await side(context, await server.database(`workers${count}`), count));
      const rows = await measurePaired(sides, { rounds: 3, warmUp: false });
      const ratios = {
        "two workers to one": ratio(rows, nameOf(2), nameOf(1)),
        "three workers to one": ratio(rows, nameOf(3), nameOf(1)),
        "one worker to what its slots allow": (rows[0]?.value ?? Number.NaN) / ((SLOTS * 1_000) / (2 * STEP_MS)),
      };
      return { rows, ratios, met: ratios["two workers to one"] >= 2 * TARGET };
    } finally {
      await server.close();
    }
  },
};

async function side({ directory, log }: BenchContext, url: string, count: number): Promise<Side> {
  const data = join(directory, `web${count}`);
  mkdirSync(data, { recursive: true });
  const environment = { MILLRACE_DATABASE_URL: url };
  return {
    name: nameOf(count),
    unit: "runs/s",
    async measure() {
      const config = await loadConfig({ environment, cwd: data, flags: { data, role: "web" } });
      const host = await openHost({ config, log, automations: [waiting] });
      const processes = Array.from({ length: count }, () =>
        spawn(process.execPath, [...process.execArgv, WORKER, url, data], { stdio: ["ignore", "pipe", "inherit"] }),
      );
      try {
        await host.start();
        await Promise.all(processes.map(({ stdout }) => once(stdout, "data")));
        // The first runs pay for what is compiled and connected once.
        await execute(count * SLOTS);
        const startedAt = performance.now();
        await execute(count * RUNS_A_WORKER);
        return (count * RUNS_A_WORKER * 1_000) / (performance.now() - startedAt);
      } finally {
        await Promise.all(
          processes.map(async (child) => {
            const gone = once(child, "exit");
            child.kill("SIGTERM");
            await gone;
          }),
        );
        await host.close();
      }

      async function execute(runs: number): Promise<void> {
        const started = await Promise.all(Array.from({ length: runs }, () => host.engine.trigger("waiting")));
        await Promise.all(started.map(({ runId }) => host.engine.ended(runId)));
      }
    },
  };
}
