import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Rule } from "../domain/rule.ts";
import type { PlantedRoutine } from "../sample/routine.ts";
import { sampleHome } from "../sample/sample-home.ts";
import { toSeries } from "./made-up-home.test.ts";
import { mine } from "./mine.ts";

const TIMEZONE = "Europe/Berlin";
const UNTIL = Date.UTC(2026, 10, 22);
const EIGHT_WEEKS_MS = 56 * 86_400_000;

function minutesOf(clock: string): number {
  const [hours = 0, minutes = 0] = clock.split(":").map(Number);
  return hours * 60 + minutes;
}

/** Asks whether a rule does what the household does, within half an hour of it or after the same trigger. */
function isOf({ trigger, action }: Rule, planted: PlantedRoutine): boolean {
  if (action.to !== planted.action.to || !action.entity_ids.some((id) => planted.action.entity_ids.includes(id)))
    return false;
  if (trigger.type === "state")
    return planted.trigger.type === "state" && planted.trigger.entity_id === trigger.entity_id;
  if (trigger.type !== "time" || planted.time === undefined) return false;
  const apart = Math.abs(minutesOf(trigger.at) - minutesOf(planted.time));
  return Math.min(apart, 1_440 - apart) <= 30;
}

describe("mine: the sample home", () => {
  it("finds four of five planted routines that can be found, and hardly anything else, in any such household", () => {
    for (const seed of [1, 2, 3]) {
      const home = sampleHome({ seed, timezone: TIMEZONE, from: UNTIL - EIGHT_WEEKS_MS, until: UNTIL });
      const { rules } = mine(toSeries([...home.events]), { zone: TIMEZONE });
      const minable = home.planted.filter((planted) => planted.minable);
      const found = minable.filter((planted) => rules.some((rule) => isOf(rule, planted)));
      const invented = rules.filter((rule) => !home.planted.some((planted) => isOf(rule, planted)));
      assert.ok(found.length >= 0.8 * minable.length, `seed ${seed}: ${found.length} of ${minable.length}`);
      assert.ok(
        invented.length <= 2,
        `seed ${seed}: ${JSON.stringify(invented.map(({ trigger, action }) => [trigger, action]))}`,
      );
      assert.ok(!rules.some(({ action }) => action.entity_ids.some((id) => id.startsWith("lock."))));
    }
  });
});
