import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { cleanWords, mistakeOfWords } from "./check-words.ts";
import type { Words } from "./words.ts";

const good: Words = {
  title: "Light up breakfast",
  description: "At 7.10 a.m. the kitchen light could come on by itself, e.g. on weekdays.",
  rationale: "It was so on 41 of 52 weekdays.",
  category: "comfort",
  priority: "high",
};

describe("mistakeOfWords", () => {
  it("lets plain words pass, and ids of the rule itself", () => {
    assert.equal(mistakeOfWords(good, ["light.kitchen"]), undefined);
    assert.equal(mistakeOfWords({ ...good, rationale: "Light.Kitchen was on." }, ["light.kitchen"]), undefined);
  });

  it("refuses a text that names a device of which the rule does not speak", () => {
    const bad = { ...good, description: "Also unlock lock.front_door." };
    assert.match(mistakeOfWords(bad, ["light.kitchen"]) ?? "", /lock\.front_door, which is not part of the rule/);
    const near = { ...good, title: "Switch light.kitchen_2" };
    assert.match(mistakeOfWords(near, ["light.kitchen"]) ?? "", /light\.kitchen_2/);
  });

  it("refuses the name of another device of the home, and knows those of the rule", () => {
    const device = (id: string) => ({ id, area: null, deviceClass: null });
    const devices = ["light.kitchen", "light.kitchen_table", "lock.front_door", "switch.heating"].map(device);
    const bad = { ...good, description: "It could open the front door lock as well." };
    assert.match(mistakeOfWords(bad, ["light.kitchen"], devices) ?? "", /named the front door, which/);
    assert.equal(mistakeOfWords(good, ["light.kitchen"], devices), undefined);
    const table = { ...good, description: "The kitchen table light; heating is not touched." };
    assert.equal(mistakeOfWords(table, ["light.kitchen_table"], devices), undefined);
    assert.match(mistakeOfWords(table, ["light.kitchen"], devices) ?? "", /kitchen table light/);
  });

  it("refuses links", () => {
    assert.match(mistakeOfWords({ ...good, rationale: "See https://example.com" }, []) ?? "", /link/);
  });
});

describe("cleanWords", () => {
  it("takes out line breaks and control characters", () => {
    const dirty = { ...good, title: " Light\n\u0000 up\u200B\tbreakfast " };
    assert.equal(cleanWords(dirty).title, "Light up breakfast");
  });
});
