import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { toHistory } from "../evaluation/history.ts";
import { countRegrets } from "../evaluation/regret.ts";
import { type Day, liveDays, toSeries, ZONE } from "./made-up-home.test.ts";
import { mine } from "./mine.ts";

/** Somebody is in the study, moves every few minutes, and now and then leaves without putting out the light. */
function liveInStudy(day: Day, forgets: number): void {
  const { random } = day;
  for (const hour of [9, 11, 13, 15, 17]) {
    const start = day.about(hour * 60, 20);
    const length = 20 + random.next() * 30;
    day.put(start + 0.1, "light.study", "on");
    for (let minute = start; minute < start + length; minute += 2 + random.next() * 11) {
      day.put(minute, "binary_sensor.study_motion", "on", "physical");
      day.put(minute + 0.5, "binary_sensor.study_motion", "off", "physical");
    }
    const isLast = hour === 17;
    day.put(start + length + (isLast && random.next() < forgets ? 180 + random.next() * 60 : 0), "light.study", "off");
  }
}

describe("mine: what is left on", () => {
  it("proposes to put out what was forgotten, by whether somebody would have come back", () => {
    const events = liveDays({ days: 90, seed: 40 }, (day) => liveInStudy(day, 0.5));
    const series = toSeries(events);
    const rule = mine(series, { zone: ZONE }).rules.find(({ kind }) => kind === "forgotten_on");
    assert.ok(rule);
    const { trigger, conditions, action, evidence } = rule;
    assert.ok(trigger.type === "state" && trigger.entity_id === "light.study" && trigger.to === "on");
    assert.ok((trigger.for_s ?? 0) >= 2_400);
    assert.deepEqual(conditions, [{ type: "state", entity_id: "binary_sensor.study_motion", is: "off", for_s: 600 }]);
    assert.deepEqual(action, { entity_ids: ["light.study"], to: "off" });
    assert.ok(evidence.hits === evidence.trials && evidence.chance < 0.6);
    const history = toHistory(series, { zone: ZONE, isTarget: () => true });
    const { firings, regrets } = countRegrets([rule], history, { zone: ZONE });
    assert.ok(firings >= 1 && regrets === 0);
  });

  it("leaves alone what is merely used for long now and then by somebody who is there", () => {
    const events = liveDays({ days: 90, seed: 41 }, (day) => liveInStudy(day, 0));
    assert.ok(mine(toSeries(events), { zone: ZONE }).rules.every(({ kind }) => kind !== "forgotten_on"));
  });
});
