import type { AppCommand } from "millrace";
import type { Rule } from "../domain/rule.ts";
import { HOME_OPTIONS, readHomeFlags, UNTIL_OPTION } from "./home-flags.ts";

/** `millrace home mine`: the habits of an event file, without a server and without keeping anything. */
export const mineCommand: AppCommand = {
  name: "mine",
  description: "find the habits in an event file",
  options: [...HOME_OPTIONS, UNTIL_OPTION],
  async run(flags, { clock, signal }) {
    const startedAt = clock.monotonic();
    const { path, zone, ...options } = readHomeFlags(flags);
    const [{ openZone }, { readSeries }, { mineOffThread }, { sentenceOf }] = await Promise.all([
      import("../domain/zone.ts"),
      import("./read-series.ts"),
      import("../mine/mine-off-thread.ts"),
      import("../domain/sentence.ts"),
    ]);
    const series = await readSeries({ path, zone: openZone(zone), signal });
    const { rules, events, days, anomalies } = await mineOffThread(series, { zone, ...options }, signal);
    const seconds = Math.round(clock.monotonic() - startedAt) / 1_000;
    const facts = new Map(series.entities.map((entity) => [entity.id, entity]));
    const lines = rules.map((rule) => `${sentenceOf(rule, (id) => facts.get(id))}\n${proofOf(rule)}`);
    const oddities = anomalies.map(({ date, entity_id, to, seen, usual }) => {
      return `${date}: ${entity_id} went to ${to} ${seen} times, usually ${usual.toFixed(1)}`;
    });
    const summary = `${rules.length} rules from ${events} events of ${days} ${days === 1 ? "day" : "days"} in ${seconds} s`;
    return {
      json: { rules: rules.map(toPublished), events, days, seconds },
      text: [...lines, ...(oddities.length === 0 ? [] : ["Out of the ordinary:", ...oddities]), summary].join("\n"),
    };
  },
};

function proofOf({ kind, confidence, evidence }: Rule): string {
  const { days_hit, days_possible, held_out, chance } = evidence;
  const percent = (share: number): string => `${Math.round(share * 100)} %`;
  return `  ${kind}: on ${days_hit} of ${days_possible} days; ${laterOf(held_out)}; confidence ${percent(confidence)}, by chance ${percent(chance)}`;
}

function laterOf({ hits, misses }: Rule["evidence"]["held_out"]): string {
  return hits + misses === 0 ? "too seldom later to check" : `later right ${hits} of ${hits + misses} times`;
}

/** The rule as docs/reference/home-rule.schema.json describes it: what pictures are drawn from is left out. */
function toPublished({ evidence, ...rule }: Rule) {
  const { days_hit, days_possible, p, q, wilson, held_out, chance, examples } = evidence;
  return { ...rule, evidence: { days_hit, days_possible, p, q, wilson, held_out, chance, examples } };
}
