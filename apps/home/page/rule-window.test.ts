import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { clockOf, minuteOf, ruleSpans, ruleWeekdays } from "./rule-window.ts";
import { exampleRule } from "./test-rule.ts";

describe("the time window of a rule", () => {
  it("lies around the time of a time rule", () => {
    assert.deepEqual(ruleSpans(exampleRule()), [{ from: 385, to: 415 }]);
  });

  it("is cut in two when it crosses midnight, from either side", () => {
    const before = exampleRule({ trigger: { type: "time", at: "00:05" } });
    const after = exampleRule({ trigger: { type: "time", at: "23:50" } });
    assert.deepEqual(ruleSpans(before), [
      { from: 0, to: 20 },
      { from: 1430, to: 1440 },
    ]);
    assert.deepEqual(ruleSpans(after), [
      { from: 0, to: 5 },
      { from: 1415, to: 1440 },
    ]);
  });

  it("is the time condition of a state rule, also over midnight", () => {
    const rule = exampleRule({
      kind: "state_pair",
      trigger: { type: "state", entity_id: "binary_sensor.door", to: "on" },
      conditions: [{ type: "time", after: "22:00", before: "06:00" }],
    });
    assert.deepEqual(ruleSpans(rule), [
      { from: 0, to: 360 },
      { from: 1320, to: 1440 },
    ]);
  });

  it("is nothing for a state rule that counts at any time", () => {
    assert.deepEqual(ruleSpans(exampleRule({ trigger: { type: "state", entity_id: "sensor.a", to: "on" } })), []);
  });
});

describe("the weekdays of a rule", () => {
  it("stand in the trigger or in a condition, or nowhere", () => {
    assert.deepEqual(ruleWeekdays(exampleRule({ trigger: { type: "time", at: "07:00", weekdays: ["sat"] } })), ["sat"]);
    assert.deepEqual(ruleWeekdays(exampleRule({ conditions: [{ type: "weekday", days: ["mon"] }] })), ["mon"]);
    assert.equal(ruleWeekdays(exampleRule()), undefined);
  });
});

describe("clock times", () => {
  it("convert both ways", () => {
    assert.equal(minuteOf("06:40"), 400);
    assert.equal(clockOf(400.9), "06:40");
    assert.equal(clockOf(1440), "00:00");
  });
});
