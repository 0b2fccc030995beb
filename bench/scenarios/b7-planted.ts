import { createSeededRandom } from "millrace";
import { mine } from "../../apps/home/mine/mine.ts";
import { isOf } from "../../apps/home/sample/is-of.ts";
import { sampleHome } from "../../apps/home/sample/sample-home.ts";
import type { Row, Scenario } from "../harness/scenario.ts";
import { MADE_UP_ZONE, madeUpSeries, shuffled } from "../sides/made-up-series.ts";

const HOMES = 20;
const NULLS = 200;
const DAYS = 56;

/** B7-planted: what the miner finds of habits that are known to be there, and of none. */
export const minerPlanted: Scenario = {
  id: "B7-planted",
  title: "planted habits and shuffled homes",
  description: `Eight weeks of ${HOMES} sample households whose habits are known, and of ${NULLS} whose changes were shuffled over all times, so that there is none.`,
  target:
    "recall of planted habits .9, at most 5 % of rules that nobody planted, a rule in at most 5 % of shuffled homes",
  async run({ seed, say }) {
    const random = createSeededRandom(seed);
    let planted = 0;
    let found = 0;
    let rules = 0;
    let invented = 0;
    for (let home = 1; home <= HOMES; home++) {
      const truth = sampleHome({ seed: home, timezone: MADE_UP_ZONE, from: 0, until: 0 }).planted;
      const mined = mine(madeUpSeries({ seed: home, days: DAYS }), { zone: MADE_UP_ZONE }).rules;
      const minable = truth.filter((routine) => routine.minable);
      planted += minable.length;
      found += minable.filter((routine) => mined.some((rule) => isOf(rule, routine))).length;
      rules += mined.length;
      invented += mined.filter((rule) => !truth.some((routine) => isOf(rule, routine))).length;
    }
    say(`${found} of ${planted} planted habits found, ${invented} of ${rules} rules planted by nobody`);
    let withRule = 0;
    for (let home = 1; home <= NULLS; home++) {
      const series = shuffled(madeUpSeries({ seed: home, days: DAYS }), random);
      if (mine(series, { zone: MADE_UP_ZONE }).rules.length > 0) withRule++;
    }
    say(`${withRule} of ${NULLS} shuffled homes gave a rule`);
    const ratios = {
      "recall of planted habits": found / planted,
      "share of rules that nobody planted": invented / rules,
      "share of shuffled homes with a rule": withRule / NULLS,
    };
    const [recall = 0, extra = 1, byChance = 1] = Object.values(ratios);
    return { rows: toRows(ratios), ratios, met: recall >= 0.9 && extra <= 0.05 && byChance <= 0.05 };
  },
};

function toRows(ratios: Readonly<Record<string, number>>): Row[] {
  return Object.entries(ratios).map(([side, share]) => ({
    side,
    value: 100 * share,
    unit: "%",
    spread: [100 * share, 100 * share],
  }));
}
