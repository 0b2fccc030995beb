import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { exampleRule } from "../patterns/example-rule.ts";
import { isSameHabit } from "./same-habit.ts";

const at = (time: string) => exampleRule({ trigger: { type: "time", at: time } });

describe("a habit that is known already", () => {
  it("may have wandered by a quarter of an hour, over midnight as well", () => {
    assert.ok(isSameHabit(at("07:10"), at("07:24")));
    assert.ok(isSameHabit(at("23:55"), at("00:05")));
    assert.ok(!isSameHabit(at("07:10"), at("07:40")));
  });

  it("is another one with another device, state, cue or other days", () => {
    const weekend = exampleRule({ trigger: { type: "time", at: "07:10", weekdays: ["sat", "sun"] } });
    assert.ok(!isSameHabit(weekend, exampleRule()));
    assert.ok(isSameHabit(weekend, at("07:10")));
    assert.ok(!isSameHabit(at("07:10"), exampleRule({ action: { entity_ids: ["light.kitchen_ceiling"], to: "off" } })));
    assert.ok(!isSameHabit(at("07:10"), exampleRule({ action: { entity_ids: ["light.hall"], to: "on" } })));
    const door = exampleRule({ trigger: { type: "state", entity_id: "binary_sensor.door", to: "on" } });
    assert.ok(isSameHabit(door, door));
    assert.ok(!isSameHabit(door, at("07:10")));
    const within = (after: string, before: string) => ({
      ...door,
      conditions: [{ type: "time", after, before } as const],
    });
    assert.ok(!isSameHabit(within("06:00", "09:00"), within("18:00", "01:00")));
    assert.ok(isSameHabit(within("06:00", "09:00"), within("08:00", "12:00")));
  });

  it("is covered by one that does more", () => {
    const both = exampleRule({ action: { entity_ids: ["light.kitchen_ceiling", "light.hall"], to: "on" } });
    assert.ok(isSameHabit(exampleRule(), both));
    assert.ok(!isSameHabit(both, exampleRule()));
  });
});
