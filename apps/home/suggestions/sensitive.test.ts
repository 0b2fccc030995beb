import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { exampleRule } from "../patterns/example-rule.ts";
import { isSensitive } from "./sensitive.ts";

function sensitive(id: string, deviceClass: string | null = null): boolean {
  return isSensitive(exampleRule({ action: { entity_ids: ["light.hall", id], to: "on" } }), () => ({
    area: null,
    deviceClass,
  }));
}

describe("isSensitive", () => {
  it("holds back what may harm when a program does it", () => {
    for (const id of [
      "lock.front",
      "alarm_control_panel.home",
      "cover.garage",
      "switch.oven",
      "water_heater.boiler",
      "valve.main",
      "switch.iron",
    ]) {
      assert.equal(sensitive(id), true, id);
    }
    assert.equal(sensitive("cover.left", "garage"), true);
  });

  it("lets lamps, blinds, fans and sensors through", () => {
    for (const id of [
      "cover.bedroom_blind",
      "switch.environment",
      "fan.bath",
      "binary_sensor.garage_door",
      "climate.bedroom",
    ]) {
      assert.equal(sensitive(id), false, id);
    }
  });
});
