import { homeIqRules } from "../../apps/home/evaluation/homeiq.ts";
import { hourFrequencyRules } from "../../apps/home/evaluation/hour-frequency.ts";
import { mine, targetTest } from "../../apps/home/mine/mine.ts";
import { MADE_UP_ZONE, madeUpSeries, repeated } from "./made-up-series.ts";

/* A process of its own for one measurement: `node find-habits.ts SIDE EVENTS SEED` writes one line of JSON. */

export const HABIT_SIDES = ["millrace", "hour frequency", "homeiq"] as const;

export interface Found {
  readonly cpuSeconds: number;
  /** How much more memory the process held at its most than before. */
  readonly bytes: number;
  readonly rules: number;
}

if (import.meta.main) {
  const [side = "", events = "", seed = ""] = process.argv.slice(2);
  const series = repeated(madeUpSeries({ seed: Number(seed), households: 4, days: 70 }), Number(events));
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  const cpu = process.cpuUsage();
  const rules = find();
  const { user, system } = process.cpuUsage(cpu);
  const bytes = Math.max(0, process.resourceUsage().maxRSS * 1_024 - before);
  const found: Found = { cpuSeconds: (user + system) / 1e6, bytes, rules };
  process.stdout.write(`${JSON.stringify(found)}\n`);

  function find(): number {
    if (side === "millrace") return mine(series, { zone: MADE_UP_ZONE, maxRules: 10 }).rules.length;
    // What the rivals learn from is four fifths of what they are given, as in the evaluation.
    const options = { zone: MADE_UP_ZONE, isTarget: targetTest(series.entities, undefined) };
    return (side === "homeiq" ? homeIqRules(series, options) : hourFrequencyRules(series, options)).length;
  }
}
