import { evaluateHome, type Side, type SideScore, SIDES, VIEWS } from "../../apps/home/evaluation/evaluate-home.ts";
import type { Row, Scenario } from "../harness/scenario.ts";
import { readRecorded, RECORDED_ZONE, recordedHomes } from "../sides/recorded-homes.ts";

/** B7-gate: what the miner's rules are worth on recorded homes, against its rivals. */
export const minerGate: Scenario = {
  id: "B7-gate",
  title: "rules of recorded homes",
  description:
    "Learnt from the first four fifths of the days, judged on the last, at most ten rules and two wrong firings a day; with every change and with on-phases less than two minutes apart as one. Without durations: no rule says of an entity that it goes back after its usual time. The hour-frequency baseline and HomeIQ's rules from their published formulas are cut by no budget. A home passes with precision .6, five times chance, two wrong firings a day, and F1 above both.",
  target: "every recorded home passes, both ways",
  async run({ say }) {
    const rows: Row[] = [];
    const ratios: Record<string, number> = {};
    let passed = 0;
    const homes = recordedHomes();
    for (const home of homes) {
      const { scores, gate } = evaluateHome(await readRecorded(home), {
        zone: RECORDED_ZONE,
        ...(home.targets === undefined ? {} : { targets: home.targets }),
      });
      for (const view of VIEWS) {
        const reasons = gate[view];
        if (reasons.length === 0) passed++;
        say(`${home.name}, ${view}: ${reasons.length === 0 ? "passed" : reasons.join("; ")}`);
        rows.push(
          ...toRows(
            `${home.name}, ${view}`,
            scores.filter((score) => score.view === view),
          ),
        );
      }
    }
    if (homes.length === 0) say("the recorded homes are not beside the checkout");
    ratios["share of homes and views that pass"] = homes.length === 0 ? 0 : passed / (homes.length * VIEWS.length);
    return { rows, ratios, met: homes.length > 0 && passed === homes.length * VIEWS.length };
  },
};

function toRows(of: string, scores: readonly SideScore[]): Row[] {
  const score = (side: Side): SideScore | undefined => scores.find((each) => each.side === side);
  const own = score("millrace");
  return [
    row(`${of}: precision`, "", own?.precision ?? 0, own?.interval.precision),
    row(`${of}: by chance`, "", own?.chance ?? 0),
    row(`${of}: wrong firings`, "a day", own?.false_per_day ?? 0),
    ...SIDES.map((side) => row(`${of}: F1, ${side}`, "", score(side)?.f1 ?? 0, score(side)?.interval.f1)),
  ];
}

function row(side: string, unit: string, value: number, spread: readonly [number, number] = [value, value]): Row {
  return { side, unit, value, spread };
}
