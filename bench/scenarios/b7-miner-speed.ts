import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { median } from "../harness/paired.ts";
import type { Row, Scenario } from "../harness/scenario.ts";
import { type Found, HABIT_SIDES } from "../sides/find-habits.ts";

const run = promisify(execFile);
const SCRIPT = fileURLToPath(new URL("../sides/find-habits.ts", import.meta.url));
const SIZES = [10_000, 100_000, 1_000_000] as const;
const LARGEST = 10_000_000;
const MILLION = 1_000_000;
const ROUNDS = 3;
const MOST_SECONDS = 5;
const MOST_BYTES = 1e9;

/** B7: how long the miner takes, and how much memory. */
export const minerSpeed: Scenario = {
  id: "B7",
  title: "mining a home's history",
  description:
    "Four sample households under one roof, 140 entities; their ten weeks are lived again until there are enough events. Each figure is CPU time of a process of its own, which has compiled nothing before. Millrace looks at the latest two million events at most. The rivals are the hour-frequency baseline and HomeIQ's two detectors from their published formulas.",
  target: `${MILLION.toExponential(0)} events under ${MOST_SECONDS} s of CPU, ${LARGEST.toExponential(0)} within ${MOST_BYTES / 1e9} GB`,
  async run({ seed, say }) {
    const rows: Row[] = [];
    const cpu = new Map<string, number>();
    let largest: Found | undefined;
    for (const events of [...SIZES, LARGEST]) {
      for (const side of HABIT_SIDES) {
        if (events === LARGEST && side !== "millrace") continue;
        const found: Found[] = [];
        const rounds = events >= MILLION ? 1 : ROUNDS;
        for (let round = 0; round < rounds; round++) found.push(await measure(side, events, seed));
        const name = `${side}, ${events.toExponential(0)}`;
        say(`${name}: ${found.map(({ cpuSeconds }) => cpuSeconds.toFixed(2)).join(", ")} s`);
        rows.push(
          toRow(
            name,
            "s of CPU",
            found.map(({ cpuSeconds }) => cpuSeconds),
          ),
        );
        rows.push(
          toRow(
            `${name}, memory`,
            "MB",
            found.map(({ bytes }) => bytes / 1e6),
          ),
        );
        cpu.set(name, median(found.map(({ cpuSeconds }) => cpuSeconds)));
        if (events === LARGEST) largest = found[0];
      }
    }
    const of = (side: string, events: number): number => cpu.get(`${side}, ${events.toExponential(0)}`) ?? Number.NaN;
    const own = of("millrace", MILLION);
    return {
      rows,
      ratios: {
        "hour frequency to millrace, 1e+6": of("hour frequency", MILLION) / own,
        "homeiq to millrace, 1e+6": of("homeiq", MILLION) / own,
        "growth of CPU from 1e+5 to 1e+6": own / of("millrace", 100_000),
      },
      met: own < MOST_SECONDS && largest !== undefined && largest.bytes < MOST_BYTES,
    };
  },
};

async function measure(side: string, events: number, seed: number): Promise<Found> {
  const args = [...process.execArgv, "--expose-gc", SCRIPT, side, String(events), String(seed % 1_000)];
  const { stdout } = await run(process.execPath, args);
  return JSON.parse(stdout) as Found;
}

function toRow(side: string, unit: string, values: readonly number[]): Row {
  return { side, unit, value: median(values), spread: [Math.min(...values), Math.max(...values)] };
}
