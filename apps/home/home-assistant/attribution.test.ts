import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Attribution, type Context } from "./attribution.ts";
import { toInstant } from "./instant.ts";

function context(id: string, parts: Partial<Context> = {}): Context {
  return { id, parentId: null, userId: null, ...parts };
}

function change(entityId: string, of: Context, at = 0) {
  return { at, entityId, context: of, isRestored: false };
}

describe("who changed a state", () => {
  it("is a person by the user of the context, and a switch or device without any", () => {
    const attribution = new Attribution();
    assert.equal(attribution.causeOf(change("light.hall", context("a", { userId: "u" }))), "user");
    assert.equal(attribution.causeOf(change("light.hall", context("b"))), "physical");
  });

  it("is an automation by the clock although nothing started it: by the equal context alone", () => {
    const attribution = new Attribution();
    attribution.started("automation", context("a"));
    assert.equal(attribution.causeOf(change("light.hall", context("a"))), "automation");
    assert.equal(attribution.causeOf(change("light.porch", context("a"))), "automation");
    attribution.started("script", context("s", { userId: "u" }));
    assert.equal(attribution.causeOf(change("light.hall", context("s", { userId: "u" }))), "script");
  });

  it("is an automation when another change caused it", () => {
    assert.equal(new Attribution().causeOf(change("light.hall", context("b", { parentId: "a" }))), "automation");
  });

  it("is one act where a group or a template repeats it", () => {
    const attribution = new Attribution();
    assert.equal(attribution.causeOf(change("binary_sensor.door", context("a"))), "physical");
    assert.equal(attribution.causeOf(change("binary_sensor.any_door", context("a"))), "derived");
    attribution.called(context("c", { userId: "u" }), ["light.all"], 0);
    assert.equal(attribution.causeOf(change("light.one", context("c", { userId: "u" }))), "derived");
    assert.equal(attribution.causeOf(change("light.all", context("c", { userId: "u" }))), "user");
  });

  it("is whoever called a slow device, for a minute", () => {
    const attribution = new Attribution();
    attribution.called(context("c", { userId: "u" }), ["cover.blind"], 1_000);
    assert.equal(attribution.causeOf(change("cover.blind", context("own"), 31_000)), "user");
    assert.equal(attribution.causeOf(change("cover.blind", context("next"), 32_000)), "physical");
    attribution.called(context("d", { userId: "u" }), ["cover.blind"], 40_000);
    assert.equal(attribution.causeOf(change("cover.blind", context("late"), 100_001)), "physical");
  });

  it("is nobody where a state is restored, after a gap or soon after a start", () => {
    const attribution = new Attribution();
    assert.equal(attribution.causeOf({ ...change("light.hall", context("a")), isRestored: true }), "startup");
    attribution.homeStarted(1_000);
    assert.equal(attribution.causeOf(change("light.porch", context("b"), 2_000)), "startup");
    assert.equal(attribution.causeOf(change("light.porch", context("c"), 3_000)), "physical");
    assert.equal(attribution.causeOf(change("light.hall", context("d"), 400_000)), "physical");
  });
});

describe("an instant of Home Assistant", () => {
  it("is the same millisecond as seconds and as text", () => {
    for (let micros = 0; micros < 1_000_000; micros += 997) {
      const fraction = String(micros).padStart(6, "0");
      const seconds = Number(`1795881592.${fraction}`);
      const text = new Date(1_795_881_592_000).toISOString().replace(".000Z", `.${fraction}+00:00`);
      assert.equal(toInstant(seconds), toInstant(text), fraction);
    }
  });
});
