import type { Rule } from "../domain/rule.ts";
import type { EventSeries } from "../domain/series.ts";
import { clockOfMinute } from "../domain/zone.ts";
import { baselineRule } from "./baseline-rule.ts";
import { DAY_S, type HistoryOptions, toHistory } from "./history.ts";

const LEAST_SHARE = 0.5;

/**
 * The simplest honest rival of the miner: for each target, state and hour of the clock in which it occurs on at least half of the training
 * days, a daily rule at the mean minute of those changes.
 */
export function hourFrequencyRules(series: EventSeries, options: HistoryOptions): readonly Rule[] {
  const { times, trainDays, testStart } = toHistory(series, options);
  const rules: Rule[] = [];
  for (const [name, { enter }] of times) {
    const [entityId = "", to = ""] = name.split("\n");
    if (!options.isTarget(entityId)) continue;
    const hours = Map.groupBy(
      [...enter].filter((at) => at < testStart),
      (at) => Math.floor((at % DAY_S) / 3_600),
    );
    for (const changes of hours.values()) {
      const days = new Set(changes.map((at) => Math.floor(at / DAY_S))).size;
      if (days < LEAST_SHARE * trainDays) continue;
      const mean = changes.reduce((sum, at) => sum + (at % DAY_S) / 60, 0) / changes.length;
      rules.push(
        baselineRule(
          {
            kind: "time_of_day",
            trigger: { type: "time", at: clockOfMinute(Math.floor(mean)) },
            action: { entity_ids: [entityId], to },
            window_s: 1_800,
            confidence: days / trainDays,
          },
          { hits: days, trials: trainDays },
        ),
      );
    }
  }
  return rules;
}
