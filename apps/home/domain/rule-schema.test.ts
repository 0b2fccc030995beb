import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { z } from "zod";
import { exampleRule } from "../patterns/example-rule.ts";
import type { Rule, RuleTrigger } from "./rule.ts";
import { RuleSchema } from "./rule-schema.ts";

describe("the published form of a rule", () => {
  it("takes every kind of trigger and condition, and says what is wrong with others", () => {
    const rule = exampleRule({
      kind: "sequence",
      trigger: { type: "state", entity_id: "light.desk", to: "on", from: "off", for_s: 60 },
      conditions: [
        { type: "time", after: "22:00", before: "06:00" },
        { type: "weekday", days: ["sat", "sun"] },
        { type: "state", entity_id: "person.kim", is: "home", for_s: 600 },
        { type: "sun", after: "sunset", before: "sunrise" },
      ],
    });
    assert.deepEqual(RuleSchema.parse(rule), rule);
    const bySun = exampleRule({ kind: "sun", trigger: { type: "sun", event: "sunset", offset_min: -20 } });
    assert.deepEqual(RuleSchema.parse(bySun), bySun);
    for (const trigger of [
      { type: "time", at: "25:00" },
      { type: "state", entity_id: "light.desk" },
    ]) {
      assert.equal(RuleSchema.safeParse({ ...rule, trigger }).success, false);
    }
    assert.equal(RuleSchema.safeParse({ ...rule, more: 1 }).success, false);
  });

  it("is the type that everything else goes by", () => {
    const trigger = (parsed: z.output<typeof RuleSchema>["trigger"]): RuleTrigger["type"] => parsed.type;
    const input = (rule: Rule): z.input<typeof RuleSchema>["kind"] => rule.kind;
    assert.equal(trigger(RuleSchema.parse(exampleRule()).trigger), "time");
    assert.equal(input(exampleRule()), "time_of_day");
  });
});
