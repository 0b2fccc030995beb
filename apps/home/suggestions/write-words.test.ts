import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { FactsOf } from "../domain/sentence.ts";
import type { Rule } from "../domain/rule.ts";
import { exampleEvidence, exampleRule } from "../patterns/example-rule.ts";
import { toHabit } from "../patterns/habit.ts";
import { Words } from "./words.ts";
import { writeWords } from "./write-words.ts";

const noFacts: FactsOf = () => undefined;

function words(rule: Rule, factsOf = noFacts): Words {
  return writeWords(toHabit(rule), factsOf);
}

describe("writeWords", () => {
  it("words a habit by the clock from its evidence", () => {
    assert.deepEqual(words(exampleRule()), {
      title: "Turn on the kitchen ceiling light at 07:10 on weekdays",
      description:
        "On 41 of 52 weekdays the kitchen ceiling light was turned on within 15 minutes of 07:10. An automation could do it for you at 07:10.",
      rationale:
        "On the latest days, which were not used to find the habit, it held on 9 of 10 days. Chance alone would give 4 %; with 95 % confidence the habit holds at least 71 % of the time.",
      category: "comfort",
      priority: "medium",
    });
  });

  it("words a habit that follows something else", () => {
    const rule = exampleRule({
      kind: "state_pair",
      trigger: { type: "state", entity_id: "binary_sensor.hall_motion", to: "on" },
      conditions: [{ type: "time", after: "18:00", before: "23:00" }],
      action: { entity_ids: ["light.hall"], to: "on" },
      window_s: 300,
      confidence: 0.86,
    });
    const { title, description, priority } = words(rule);
    assert.equal(title, "Turn on the hall light when the hall motion sensor sees motion between 18:00 and 23:00");
    assert.equal(
      description,
      "On 35 of 42 occasions when the hall motion sensor saw motion between 18:00 and 23:00, the hall light was turned on within 5 minutes; this was so on 41 days. An automation could do it for you as soon as the hall motion sensor sees motion between 18:00 and 23:00.",
    );
    assert.equal(priority, "high");
  });

  it("does not pretend that a sensor can be switched", () => {
    const { title, description, category } = words(
      exampleRule({ action: { entity_ids: ["binary_sensor.front_door"], to: "on" } }),
      () => ({ area: null, deviceClass: "door" }),
    );
    assert.equal(title, "Expect the front door to open at 07:10 on weekdays");
    assert.match(description, /^On 41 of 52 weekdays the front door opened .* A sensor cannot be told to act/);
    assert.equal(category, "security");
  });

  it("says so when there were no later days to check on, and never rates such a habit high", () => {
    const rule = exampleRule({
      confidence: 0.95,
      evidence: exampleEvidence({ held_out: { hits: 0, misses: 0 } }),
    });
    const { rationale, priority } = words(rule);
    assert.match(rationale, /^There was no later day to check it on\./);
    assert.equal(priority, "medium");
  });

  it("says how often the habit held later as people do", () => {
    const later = (hits: number, misses: number): string =>
      words(exampleRule({ evidence: exampleEvidence({ held_out: { hits, misses } }) })).rationale.split(". ")[0] ?? "";
    assert.match(later(1, 0), /it held on the only day there was$/);
    assert.match(later(0, 1), /it did not hold on the only day there was$/);
    assert.match(later(2, 0), /it held on both days$/);
    assert.match(later(0, 3), /it held on none of 3 days$/);
    assert.match(later(3, 0), /it held on all 3 days$/);
  });

  it("sees no security in a cupboard", () => {
    const rule = exampleRule({ action: { entity_ids: ["binary_sensor.kitchen_cupboard"], to: "on" } });
    assert.equal(words(rule, () => ({ area: null, deviceClass: "opening" })).category, "convenience");
  });

  it("sets other states by name", () => {
    const rule = exampleRule({ action: { entity_ids: ["climate.bedroom"], to: "heat" } });
    assert.equal(words(rule).title, "Set the bedroom thermostat to heating at 07:10 on weekdays");
    const scene = exampleRule({ action: { entity_ids: ["input_select.mode"], to: "Movie night" } });
    assert.equal(words(scene).title, 'Set the mode to "Movie night" at 07:10 on weekdays');
    assert.equal(words(rule).category, "comfort");
  });

  it("counts whatever is switched off as energy", () => {
    assert.equal(
      words(exampleRule({ action: { entity_ids: ["light.hall", "fan.bath"], to: "off" } })).category,
      "energy",
    );
  });

  it("fits what is asked of a model, however long the names are", () => {
    const entity_ids = Array.from({ length: 8 }, (_, index) => `light.${"very_long_name_".repeat(8)}${index}`);
    const long = words(exampleRule({ action: { entity_ids, to: "on" } }));
    assert.deepEqual(Words.parse(long), long);
  });
});
