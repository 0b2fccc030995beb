import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { liveDays, toSeries, useAtRandom, ZONE } from "../mine/made-up-home.test.ts";
import { homeIqRules } from "./homeiq.ts";

describe("homeIqRules", () => {
  it("clusters times of day by the published formula, at the mean of the cluster and its most frequent state", () => {
    const rulesOf = (days: number) =>
      homeIqRules(
        toSeries(
          liveDays({ days, seed: 70 }, (day) => {
            day.put(day.about(420, 4), "light.porch", "on");
            day.put(day.about(430, 4), "light.porch", "off");
          }),
        ),
        { zone: ZONE, isTarget: () => true },
      );
    // Ten changes of the five training days are one cluster, which holds all of them: as sure as the formula gets.
    const [rule, ...others] = rulesOf(6);
    assert.ok(rule?.trigger.type === "time" && rule.trigger.at >= "07:03" && rule.trigger.at <= "07:07");
    assert.deepEqual([rule.confidence, others], [0.95, []]);
    // More changes are three clusters of one time, and none of them holds enough.
    assert.deepEqual(rulesOf(50), []);
  });

  it("pairs what changes within five minutes, whichever comes first, and is as sure of itself as the formula says", () => {
    const events = liveDays({ days: 50, seed: 71 }, (day) => {
      const at = day.about(900, 300);
      day.put(at, "switch.tv", "on");
      day.put(at + 1, "light.lamp", "on");
      day.put(at + 90, "switch.tv", "off");
      day.put(at + 91, "light.lamp", "off");
      useAtRandom(day, "switch.kettle", 2);
    });
    const rules = homeIqRules(toSeries(events), { zone: ZONE, isTarget: () => true });
    assert.deepEqual(
      rules.map(({ trigger, action, confidence }) => [trigger, action, confidence]),
      [[{ type: "state", entity_id: "light.lamp", to: "on" }, { entity_ids: ["switch.tv"], to: "on" }, 1]],
    );
  });
});
