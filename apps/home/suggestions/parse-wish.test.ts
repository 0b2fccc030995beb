import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RuleCore } from "../backtest/backtest.ts";
import { type NamedEntity, parseWish } from "./parse-wish.ts";

const entity = (id: string, ...states: string[]): NamedEntity => ({ id, states, area: null, deviceClass: null });
const ENTITIES = [
  entity("media_player.living_room_tv", "off", "on"),
  entity("light.hall", "on", "off"),
  entity("light.kitchen", "on", "off"),
  entity("person.robin", "home", "not_home"),
  entity("binary_sensor.window_bedroom_left", "on", "off"),
  entity("binary_sensor.window_bedroom_right", "on", "off"),
];
const RULE: RuleCore = {
  kind: "time_of_day",
  trigger: { type: "time", at: "07:10" },
  conditions: [{ type: "state", entity_id: "person.robin", is: "home" }],
  action: { entity_ids: ["light.hall", "light.kitchen"], to: "on" },
  window_s: 900,
};
const editsOf = (words: string) => parseWish(words, RULE, ENTITIES);

describe("wishes that are read without a model", () => {
  const known: readonly (readonly [string, readonly object[]])[] = [
    ["only on weekdays", [{ edit: "days", days: ["mon", "tue", "wed", "thu", "fri"] }]],
    ["Ten minutes later, please.", [{ edit: "shift", minutes: 10 }]],
    ["half an hour earlier", [{ edit: "shift", minutes: -30 }]],
    ["20 min later", [{ edit: "shift", minutes: 20 }]],
    ["not when the TV is on", [{ edit: "while", entity_id: "media_player.living_room_tv", is: "off" }]],
    ["only while the television is on", [{ edit: "while", entity_id: "media_player.living_room_tv", is: "on" }]],
    ["unless Robin is home", [{ edit: "while", entity_id: "person.robin", is: "not_home" }]],
    ["even when Robin is away", [{ edit: "anyway", entity_id: "person.robin" }]],
    ["not at the weekend", [{ edit: "days", days: ["mon", "tue", "wed", "thu", "fri"] }]],
    ["only on Mondays and Fridays", [{ edit: "days", days: ["mon", "fri"] }]],
    ["monday to thursday", [{ edit: "days", days: ["mon", "tue", "wed", "thu"] }]],
    ["not on Sundays", [{ edit: "days", days: ["mon", "tue", "wed", "thu", "fri", "sat"] }]],
    ["at 6:45", [{ edit: "at", time: "06:45" }]],
    ["make it at 7 pm", [{ edit: "at", time: "19:00" }]],
    ["20 minutes before sunset", [{ edit: "sun", event: "sunset", offset_min: -20 }]],
    ["only when it is dark", [{ edit: "light", is: "dark" }]],
    ["only between 18:00 and 23:00", [{ edit: "between", after: "18:00", before: "23:00" }]],
    ["not between 22:00 and 06:00", [{ edit: "between", after: "06:00", before: "22:00" }]],
    ["only after 5 pm", [{ edit: "between", after: "17:00", before: "00:00" }]],
    ["without the kitchen light", [{ edit: "without", entity_id: "light.kitchen" }]],
    [
      "only on weekdays and ten minutes later, but not when the TV is on",
      [
        { edit: "days", days: ["mon", "tue", "wed", "thu", "fri"] },
        { edit: "shift", minutes: 10 },
        { edit: "while", entity_id: "media_player.living_room_tv", is: "off" },
      ],
    ],
  ];
  for (const [words, edits] of known) {
    it(words, () => assert.deepEqual(editsOf(words), { edits, rest: [] }));
  }

  it("gives back what it does not understand, and guesses nothing between two devices that fit alike", () => {
    assert.deepEqual(editsOf("only when I feel like it, ten minutes later"), {
      edits: [{ edit: "shift", minutes: 10 }],
      rest: ["only when i feel like it"],
    });
    assert.deepEqual(editsOf("only when the bedroom window is open").rest, ["only when the bedroom window is open"]);
    assert.deepEqual(editsOf("at 25:00").edits, []);
    assert.deepEqual(editsOf("unlock the front door"), { edits: [], rest: ["unlock the front door"] });
  });
});
