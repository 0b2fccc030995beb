import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ConfigObject } from "./automation-config.ts";
import { type ExistingAutomation, findConflicts } from "./conflicts.ts";

function automation(id: string, trigger: ConfigObject, ...action: readonly ConfigObject[]): ConfigObject {
  return { id, alias: id, trigger: [trigger], action };
}

function state(entity: string, to: string): ConfigObject {
  return { platform: "state", entity_id: entity, to };
}

function set(entity: string, to: "on" | "off"): ConfigObject {
  return { service: `light.turn_${to}`, target: { entity_id: entity } };
}

const OURS = automation("ours", state("binary_sensor.door", "on"), set("light.hall", "on"));

function existing(configs: readonly ConfigObject[]): readonly ExistingAutomation[] {
  return configs.map((config) => ({
    entityId: `automation.${JSON.stringify(config["id"]).replaceAll('"', "")}`,
    alias: "theirs",
    config,
    isOn: true,
  }));
}

function conflictsWith(...others: readonly ConfigObject[]): readonly string[] {
  return findConflicts(OURS, existing(others)).map(({ kind, automation }) => `${kind} ${automation}`);
}

describe("conflicts with the home's automations", () => {
  it("has none with what has nothing to do with it, and none with itself", () => {
    assert.deepEqual(
      conflictsWith(automation("tv", state("media_player.tv", "playing"), set("light.tv", "on")), OURS),
      [],
    );
  });

  it("finds the same automation, in whatever generation it was written", () => {
    const same = {
      id: "same",
      alias: "Same",
      triggers: [{ trigger: "state", entity_id: ["binary_sensor.door"], to: ["on"] }],
      actions: [{ action: "light.turn_on", target: { entity_id: "light.hall" } }],
    };
    assert.deepEqual(conflictsWith(same), ["duplicate automation.same"]);
  });

  it("finds one that brings the same device to another state at the same moment", () => {
    assert.deepEqual(conflictsWith(automation("dark", state("binary_sensor.door", "on"), set("light.hall", "off"))), [
      "contrary automation.dark",
    ]);
    assert.deepEqual(
      conflictsWith(automation("later", state("binary_sensor.door", "off"), set("light.hall", "off"))),
      [],
    );
    const deep = automation("deep", state("binary_sensor.door", "on"), {
      choose: [{ conditions: [], sequence: [set("light.hall", "off")] }],
    });
    assert.deepEqual(conflictsWith(deep), ["contrary automation.deep"]);
  });

  it("takes two clock times within five minutes for one moment, around midnight too", () => {
    const at = (time: string, to: "on" | "off") =>
      automation(time, { platform: "time", at: time }, set("light.hall", to));
    const found = (ours: string, theirs: string) =>
      findConflicts(at(ours, "on"), [{ entityId: "automation.x", alias: "x", config: at(theirs, "off"), isOn: true }])
        .length;
    assert.deepEqual(
      [found("07:00:00", "07:05:00"), found("07:00:00", "07:06:00"), found("23:58:00", "00:02:00")],
      [1, 0, 1],
    );
  });

  it("finds one that undoes what ours does", () => {
    assert.deepEqual(conflictsWith(automation("undo", state("light.hall", "on"), set("light.hall", "off"))), [
      "undone automation.undo",
    ]);
  });

  it("finds loops, also through a third automation", () => {
    const direct = automation("direct", state("light.hall", "on"), {
      service: "input_boolean.turn_on",
      target: { entity_id: "input_boolean.door" },
    });
    const ours = automation("ours", state("input_boolean.door", "on"), set("light.hall", "on"));
    const kinds = (...others: readonly ConfigObject[]) =>
      findConflicts(ours, existing(others)).map(({ kind, automation }) => `${kind} ${automation}`);
    assert.deepEqual(kinds(direct), ["loop automation.direct"]);
    const first = automation("first", state("light.hall", "on"), set("light.stairs", "on"));
    const second = automation("second", state("light.stairs", "on"), {
      service: "input_boolean.turn_on",
      target: { entity_id: "input_boolean.door" },
    });
    assert.deepEqual(kinds(first, second), ["loop automation.first"]);
    assert.deepEqual(kinds(first), []);
  });
});
