import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { friendlyName, joinNames, nameInSentence } from "./names.ts";

describe("friendlyName", () => {
  it("makes a name of the entity's words, its area and what it is", () => {
    const names = [
      friendlyName("light.kitchen_ceiling"),
      friendlyName("light.ceiling", { area: "Kitchen", deviceClass: null }),
      friendlyName("light.kitchen_ceiling", { area: "kitchen", deviceClass: null }),
      friendlyName("light.hall_lamp"),
      friendlyName("switch.coffee_machine"),
      friendlyName("switch.porch"),
      friendlyName("climate.bedroom"),
      friendlyName("binary_sensor.hall_motion"),
      friendlyName("binary_sensor.hall", { area: null, deviceClass: "motion" }),
      friendlyName("binary_sensor.toilet_door"),
      friendlyName("binary_sensor.fridge", { area: "KitchenCool", deviceClass: null }),
      friendlyName("binary_sensor.back", { area: null, deviceClass: "garage_door" }),
      friendlyName("media_player.living_room_tv"),
      friendlyName("person.anna"),
      friendlyName("binary_sensor.robin_home", { area: "Hall", deviceClass: "presence" }),
      friendlyName("light.utility", { area: "Utility room", deviceClass: null }),
      friendlyName("cover.bedroom_blinds", { area: "Bedroom", deviceClass: "blind" }),
      friendlyName("binary_sensor.bedroom_a_door"),
      friendlyName("binary_sensor.blink_blink_camera"),
      friendlyName("nodomain"),
      friendlyName("light."),
    ];
    assert.deepEqual(names, [
      "Kitchen ceiling light",
      "Kitchen ceiling light",
      "Kitchen ceiling light",
      "Hall lamp",
      "Coffee machine",
      "Porch switch",
      "Bedroom thermostat",
      "Hall motion sensor",
      "Hall motion sensor",
      "Toilet door",
      "Kitchen cool fridge",
      "Back garage door",
      "Living room TV",
      "Anna",
      "Robin",
      "Utility light",
      "Bedroom blinds",
      "Bedroom A door",
      "Blink camera sensor",
      "Nodomain",
      "Light",
    ]);
  });

  it("gives a short single line for whatever a file calls an entity", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 300 }), (entityId) => {
        const name = friendlyName(entityId);
        assert.ok(name.length > 0 && name.length <= 80, `${name.length}`);
        assert.doesNotMatch(name, /[\p{Cc}<>{}"]/u);
      }),
    );
  });
});

describe("nameInSentence", () => {
  it("keeps what is written in capitals", () => {
    assert.equal(nameInSentence("switch.tv_corner"), "the TV corner");
    assert.equal(nameInSentence("person.anna"), "Anna");
  });
});

describe("joinNames", () => {
  it("joins as English does", () => {
    assert.deepEqual(
      [joinNames([]), joinNames(["a"]), joinNames(["a", "b"]), joinNames(["a", "b", "c"])],
      ["", "a", "a and b", "a, b and c"],
    );
  });
});
