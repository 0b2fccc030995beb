import assert from "node:assert/strict";
import { it } from "node:test";
import { deviceName } from "./device-name.ts";

it("names a device by its id, whatever the id is", () => {
  assert.equal(deviceName("light.kitchen_ceiling"), "Kitchen ceiling (light)");
  assert.equal(deviceName("binary_sensor.front_door"), "Front door (binary sensor)");
  assert.equal(deviceName("M003"), "M003");
  assert.equal(deviceName("light."), "light. (light)");
});
