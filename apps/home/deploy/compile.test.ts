import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { isErrorCode } from "millrace";
import type { RuleCondition, RuleTrigger } from "../domain/rule.ts";
import type { AutomationConfig } from "./automation-config.ts";
import { compile } from "./compile.ts";
import { dialectOf } from "./dialect.ts";
import { contentHash, fingerprintOf } from "./normal-form.ts";
import { type RuleCore, toRule, withoutTriggerDays } from "./to-rule.ts";
import { toYaml } from "./yaml.ts";

const DOOR: RuleCore = {
  trigger: { type: "state", entity_id: "binary_sensor.door", to: "on" },
  conditions: [
    { type: "time", after: "17:30", before: "02:00" },
    { type: "weekday", days: ["sat", "mon"] },
    { type: "state", entity_id: "person.ada", is: "home", for_s: 90 },
    { type: "sun", after: "sunset", before: "sunrise" },
  ],
  action: { entity_ids: ["light.hall", "cover.blind", "light.porch"], to: "on" },
};
const LAMPS = { ...DOOR, action: { entity_ids: ["light.hall", "switch.plug", "light.porch"], to: "on" } };
const about = { id: "millrace_1", alias: 'The "hall"', description: "On: when the door opens." };

function compiled(rule: RuleCore, version: string): AutomationConfig {
  return compile({ rule, version, ...about });
}

const OLD = `id: "millrace_1"
alias: "The \\"hall\\""
description: "On: when the door opens."
trigger:
  - platform: "state"
    entity_id:
      - "binary_sensor.door"
    not_from:
      - "unavailable"
      - "unknown"
    to: "on"
condition:
  - condition: "time"
    after: "17:30:00"
    before: "02:00:00"
  - condition: "time"
    weekday:
      - "mon"
      - "sat"
  - condition: "state"
    entity_id: "person.ada"
    state: "home"
    for: "00:01:30"
  - condition: "sun"
    after: "sunset"
    before: "sunrise"
action:
  - service: "light.turn_on"
    target:
      entity_id:
        - "light.hall"
        - "light.porch"
  - service: "switch.turn_on"
    target:
      entity_id:
        - "switch.plug"
mode: "single"
`;

describe("compile", () => {
  it("writes the keys of each generation of Home Assistant", () => {
    assert.equal(toYaml(compiled(LAMPS, "2024.3.3")), OLD);
    const between = OLD.replaceAll("- service:", "- action:");
    assert.equal(toYaml(compiled(LAMPS, "2024.8.0")), between);
    const modern = between
      .replace("\ntrigger:", "\ntriggers:")
      .replace("\ncondition:", "\nconditions:")
      .replace("\naction:", "\nactions:")
      .replace("- platform:", "- trigger:");
    assert.equal(toYaml(compiled(LAMPS, "2024.10.1")), modern);
    assert.equal(toYaml(compiled(LAMPS, "2026.2.3")), modern);
  });

  it("knows the generation by the version, and takes an unknown one for an old one", () => {
    const generations = ["2023.12.1", "2024.7.4", "2024.8.0b1", "2024.9.3", "2024.10.0", "2025.1.0", "dev"].map(
      (version) => {
        const { hasPluralKeys, hasActionKey } = dialectOf(version);
        return `${version} ${Number(hasActionKey)}${Number(hasPluralKeys)}`;
      },
    );
    assert.deepEqual(generations, [
      "2023.12.1 00",
      "2024.7.4 00",
      "2024.8.0b1 10",
      "2024.9.3 10",
      "2024.10.0 11",
      "2025.1.0 11",
      "dev 00",
    ]);
  });

  it("writes weekdays, sun and offsets as Home Assistant has them", () => {
    const sun = {
      ...LAMPS,
      conditions: [],
      trigger: { type: "sun", event: "sunset", offset_min: -45, weekdays: ["tue"] } as const,
    };
    assert.partialDeepStrictEqual(compiled(sun, "2024.3.3"), {
      trigger: [{ platform: "sun", event: "sunset", offset: "-00:45:00" }],
      condition: [{ condition: "time", weekday: ["tue"] }],
    });
    const time = { ...LAMPS, conditions: [], trigger: { type: "time", at: "00:05" } as const };
    assert.partialDeepStrictEqual(compiled(time, "2025.1.0"), {
      triggers: [{ trigger: "time", at: "00:05:00" }],
      conditions: [],
    });
  });

  it("refuses a device that no service brings to its state, by its name", () => {
    assert.throws(
      () => compiled(DOOR, "2024.3.3"),
      (error) => isErrorCode(error, "INPUT_INVALID") && /cover\.blind/.test(error.message),
    );
  });

  it("comes back as the rule it was, whatever the rule and the version", () => {
    const minute = fc
      .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
      .map((parts) => parts.map((part) => String(part).padStart(2, "0")).join(":"));
    const days = fc.subarray(["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const, { minLength: 1 });
    const event = fc.constantFrom("sunrise" as const, "sunset" as const);
    const entity = fc.constantFrom("binary_sensor.door", "person.ada", "light.hall");
    const seconds = fc.integer({ min: 1, max: 90_000 });
    const trigger: fc.Arbitrary<RuleTrigger> = fc.oneof(
      fc.record({ type: fc.constant("time" as const), at: minute, weekdays: days }),
      fc.record({ type: fc.constant("sun" as const), event, offset_min: fc.integer({ min: -180, max: 180 }) }),
      fc.record(
        {
          type: fc.constant("state" as const),
          entity_id: entity,
          to: fc.constant("on"),
          from: fc.constant("off"),
          for_s: seconds,
        },
        { requiredKeys: ["type", "entity_id", "to"] },
      ),
    );
    const condition: fc.Arbitrary<RuleCondition> = fc.oneof(
      fc.record({ type: fc.constant("time" as const), after: minute, before: minute }),
      fc.record({ type: fc.constant("weekday" as const), days }),
      fc.record(
        { type: fc.constant("state" as const), entity_id: entity, is: fc.constant("on"), for_s: seconds },
        { requiredKeys: ["type", "entity_id", "is"] },
      ),
      fc.record({ type: fc.constant("sun" as const), after: event }),
    );
    const action = fc.constantFrom(
      { entity_ids: ["light.a", "light.b"], to: "on" },
      { entity_ids: ["cover.c"], to: "closed" },
      { entity_ids: ["climate.d"], to: "heat" },
      { entity_ids: ["media_player.e"], to: "paused" },
      { entity_ids: ["lock.f"], to: "locked" },
    );
    const rules = fc.record({ trigger, conditions: fc.array(condition, { maxLength: 3 }), action });
    fc.assert(
      fc.property(rules, fc.constantFrom("2024.3.3", "2024.8.0", "2024.10.0", "2026.2.3"), (rule, version) => {
        assert.deepEqual(toRule(compiled(rule, version)), structuredClone(withoutTriggerDays(rule)));
      }),
    );
  });

  it("is one automation by its fingerprint and its hash in both generations, and another with another lamp", () => {
    const [old, modern] = [compiled(LAMPS, "2024.3.3"), compiled(LAMPS, "2026.2.3")];
    assert.equal(fingerprintOf(old), fingerprintOf(modern));
    assert.equal(contentHash(old), contentHash(modern));
    const renamed = { ...modern, alias: "Mine", id: "1" };
    assert.equal(fingerprintOf(renamed), fingerprintOf(old));
    assert.notEqual(contentHash(renamed), contentHash(modern));
    const other = compiled({ ...LAMPS, action: { entity_ids: ["light.hall"], to: "on" } }, "2026.2.3");
    assert.notEqual(fingerprintOf(other), fingerprintOf(modern));
  });

  it("takes what people write by hand for the same thing", () => {
    const plain = { type: "time", at: "07:05" } as const;
    const ours = compiled(
      { trigger: plain, conditions: [], action: { entity_ids: ["light.hall"], to: "on" } },
      "2024.3.3",
    );
    const theirs = {
      alias: "By hand",
      trigger: { platform: "time", at: "07:05" },
      action: { service: "light.turn_on", data: {}, target: { entity_id: "light.hall" }, enabled: true },
    };
    assert.equal(fingerprintOf(theirs), fingerprintOf(ours));
  });
});
