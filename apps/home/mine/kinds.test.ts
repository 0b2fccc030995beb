import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Rule } from "../domain/rule.ts";
import { openSunClock } from "../domain/sun.ts";
import { placeOfZone } from "../domain/zone-places.ts";
import { openZone } from "../domain/zone.ts";
import { type Day, liveDays, toSeries, useAtRandom, ZONE } from "./made-up-home.test.ts";
import { mine, type MineOptions } from "./mine.ts";

const FIRST_DAY = Date.UTC(2026, 8, 7) / 86_400_000;

function find(
  { days, seed }: { readonly days: number; readonly seed: number },
  live: (day: Day) => void,
  options: Partial<MineOptions> = {},
): readonly Rule[] {
  return mine(toSeries(liveDays({ days, seed }, live)), { zone: ZONE, ...options }).rules;
}

function sunsetOf(day: Day): number {
  const place = placeOfZone(ZONE);
  assert.ok(place);
  return openSunClock(place, openZone(ZONE)).minuteOf("sunset", FIRST_DAY + day.index) ?? Number.NaN;
}

describe("mine: kinds of habits", () => {
  it("tells a habit by the sun from one by the clock, through autumn and the end of daylight saving", () => {
    const rules = find({ days: 70, seed: 50 }, (day) => {
      day.put(sunsetOf(day) - 20 + (day.random.next() - 0.5) * 12, "light.porch", "on");
      day.put(day.about(1_380, 6), "light.porch", "off");
    });
    const [on, off] = ["on", "off"].map((to) => rules.find(({ action }) => action.to === to));
    assert.ok(on?.kind === "sun" && on.trigger.type === "sun");
    assert.ok(on.trigger.event === "sunset" && Math.abs(on.trigger.offset_min + 20) <= 5);
    assert.ok(off?.kind === "time_of_day" && off.trigger.type === "time" && off.trigger.at === "23:00");
  });

  it("knows no habit by the sun in a home without a place", () => {
    const events = liveDays({ days: 70, seed: 51 }, (day) => {
      day.put(sunsetOf(day) - 20, "light.porch", "on");
      day.put(sunsetOf(day) + 200, "light.porch", "off");
    });
    assert.ok(mine(toSeries(events), { zone: "Etc/GMT-1" }).rules.every(({ kind }) => kind !== "sun"));
  });

  it("asks for dark where a light follows motion only then", () => {
    const rules = find({ days: 56, seed: 52 }, (day) => {
      for (let hour = 9; hour < 23.5; hour += 1.5) {
        const at = day.about(hour * 60, 30);
        day.put(at, "binary_sensor.hall_motion", "on", "physical");
        day.put(at + 1, "binary_sensor.hall_motion", "off", "physical");
        if (at < sunsetOf(day) || day.random.next() > 0.95) continue;
        day.put(at + 0.2, "light.hall", "on");
        day.put(at + 3 + day.random.next() * 20, "light.hall", "off");
      }
    });
    const rule = rules.find(({ action, kind }) => action.to === "on" && kind === "state_pair");
    assert.deepEqual(rule?.conditions, [{ type: "sun", after: "sunset", before: "sunrise" }]);
  });

  it("names who comes home, and asks for another entity's state where the habit needs it", () => {
    const rules = find({ days: 60, seed: 53 }, (day) => {
      const isWinter = day.random.next() < 0.5;
      day.put(300, "switch.season", isWinter ? "on" : "off", "physical");
      day.put(day.about(500, 30), "person.kim", "not_home", "unknown");
      const back = day.about(1_060, 90);
      day.put(back, "person.kim", "home", "unknown");
      if (isWinter) day.put(back + 0.5 + day.random.next(), "light.entrance", "on");
      day.put(back + 100, "light.entrance", "off");
    });
    const found = rules.find(({ action }) => action.entity_ids.includes("light.entrance") && action.to === "on");
    assert.equal(found?.kind, "presence");
    assert.deepEqual(found.conditions, [{ type: "state", entity_id: "switch.season", is: "on" }]);
  });

  it("joins the steps of a sequence where the last step alone says less", () => {
    const rules = find({ days: 60, seed: 54 }, (day) => {
      for (const hour of [8, 11, 14, 17, 20]) {
        const at = day.about(hour * 60, 40);
        const isWork = day.random.next() < 0.4;
        if (isWork) day.put(at, "switch.monitor", "on");
        day.put(at + 1, "light.desk", "on");
        if (isWork && day.random.next() < 0.95) day.put(at + 2.2, "media_player.speaker", "playing");
        day.put(at + 30, "switch.monitor", "off");
        day.put(at + 35 + day.random.next() * 20, "light.desk", "off");
        day.put(at + 20 + day.random.next() * 35, "media_player.speaker", "idle");
      }
    });
    const rule = rules.find(({ action }) => action.entity_ids.includes("media_player.speaker"));
    // The monitor alone is one way to say it; the desk with the monitor on is the other.
    assert.ok(rule?.trigger.type === "state");
    if (rule.trigger.entity_id === "light.desk") {
      assert.equal(rule.kind, "sequence");
      assert.deepEqual(rule.conditions, [{ type: "state", entity_id: "switch.monitor", is: "on" }]);
    } else assert.equal(rule.trigger.entity_id, "switch.monitor");
  });

  it("puts off after its usual time what is used for about as long each time, and nothing else", () => {
    const rules = find({ days: 56, seed: 55 }, (day) => {
      for (const hour of [7, 21]) {
        const at = day.about(hour * 60, 90);
        day.put(at, "switch.bath_fan", "on");
        day.put(at + 25 + (day.random.next() - 0.5) * 4, "switch.bath_fan", "off");
      }
      useAtRandom(day, "light.kitchen", 6);
    });
    const usual = rules.filter(({ kind }) => kind === "duration");
    assert.equal(usual.length, 1);
    const [rule] = usual;
    assert.ok(rule?.trigger.type === "state" && rule.trigger.entity_id === "switch.bath_fan");
    assert.ok((rule.trigger.for_s ?? 0) >= 1_290 && (rule.trigger.for_s ?? 0) <= 1_440);
  });

  it("puts off a light once its room has been still for a while", () => {
    const rules = find({ days: 56, seed: 56 }, (day) => {
      for (const hour of [8, 12, 18, 21]) {
        const at = day.about(hour * 60, 40);
        const length = 10 + day.random.next() * 60;
        day.put(at + 0.1, "light.study", "on");
        day.put(at, "binary_sensor.study_motion", "on", "physical");
        day.put(at + length, "binary_sensor.study_motion", "off", "physical");
        day.put(at + length + 9.5 + day.random.next(), "light.study", "off");
      }
    });
    const rule = rules.find(({ action }) => action.to === "off");
    assert.ok(rule?.trigger.type === "state" && rule.trigger.entity_id === "binary_sensor.study_motion");
    assert.ok(rule.trigger.to === "off" && (rule.trigger.for_s ?? 0) >= 300 && (rule.trigger.for_s ?? 0) <= 540);
  });

  it("puts a lamp of minutes off with the door that is closed, which anything else would foretell within five minutes too", () => {
    const rules = find({ days: 42, seed: 58 }, (day) => {
      for (const hour of [8, 11, 13, 16, 19, 21]) {
        const at = day.about(hour * 60, 55);
        const length = 0.7 + day.random.next() * 2;
        day.put(at, "binary_sensor.pantry_door", "on", "physical");
        day.put(at + 0.05 + day.random.next() * 0.05, "light.pantry", "on");
        day.put(at + length, "binary_sensor.pantry_door", "off", "physical");
        day.put(at + length + 0.05 + day.random.next() * 0.05, "light.pantry", "off");
      }
    });
    const off = rules.find(({ action }) => action.to === "off");
    assert.ok(off?.trigger.type === "state" && off.trigger.entity_id === "binary_sensor.pantry_door");
  });

  it("makes one rule of what one act brings about, and none of lamps that go off for their own reasons", () => {
    const rules = find({ days: 56, seed: 59 }, (day) => {
      for (const lamp of ["kitchen", "desk", "hall"]) {
        day.put(day.about(430, 25), `light.${lamp}`, "on");
        useAtRandom(day, `light.${lamp}`, 1, 1_200);
      }
      const gone = day.about(500, 40);
      day.put(gone, "person.kim", "not_home", "unknown");
      day.put(gone + 0.2 + day.random.next(), "light.kitchen", "off");
      day.put(gone + 0.6 + day.random.next() * 2, "light.desk", "off");
      day.put(day.about(560, 35), "light.hall", "off");
      day.put(day.about(1_080, 60), "person.kim", "home", "unknown");
    });
    const left = rules.filter(({ kind, action }) => kind === "presence" && action.to === "off");
    assert.deepEqual(
      left.map(({ action }) => action.entity_ids),
      [["light.desk", "light.kitchen"]],
    );
  });

  it("puts a lamp out when the last of three leaves, whoever that is", () => {
    const people = ["kim", "lee", "ada"];
    const rules = find({ days: 84, seed: 61 }, (day) => {
      const gone = people.map(() => day.about(520, 120));
      for (const [place, name] of people.entries()) {
        day.put(gone[place] ?? 0, `person.${name}`, "not_home", "unknown");
        day.put(day.about(1_080, 120), `person.${name}`, "home", "unknown");
      }
      day.put(day.about(330, 20), "light.kitchen", "on");
      day.put(Math.max(...gone) + 0.2 + day.random.next(), "light.kitchen", "off");
    });
    const out = rules.filter(({ action }) => action.to === "off");
    assert.ok(out.length > 0);
    for (const { kind, trigger, conditions } of out) {
      assert.ok(kind === "presence" && trigger.type === "state");
      const others = people.map((name) => `person.${name}`).filter((id) => id !== trigger.entity_id);
      assert.deepEqual(
        conditions,
        others.toSorted().map((entity_id) => ({ type: "state", entity_id, is: "not_home" })),
      );
    }
    assert.equal(out.length, people.length);
  });

  it("knows the evenings before a free day from the others", () => {
    const rules = find({ days: 63, seed: 60 }, (day) => {
      day.put(day.about(1_110, 60), "light.living_room", "on");
      day.put(day.about(day.weekday === 4 || day.weekday === 5 ? 1_450 : 1_350, 10), "light.living_room", "off");
    });
    const off = rules.filter(({ action }) => action.to === "off").map(({ trigger }) => trigger);
    assert.deepEqual(
      new Set(off.map((trigger) => trigger.type === "time" && trigger.weekdays?.join())),
      new Set(["mon,tue,wed,thu,sun", "sat,sun"]),
    );
  });

  it("lets a habit go that was given up", () => {
    const rules = find({ days: 120, seed: 57 }, (day) => {
      day.put(day.about(day.index < 70 ? 420 : 700, day.index < 70 ? 8 : 200), "light.kitchen", "on");
      day.put(day.about(1_100, 100), "light.kitchen", "off");
    });
    assert.ok(rules.every(({ trigger }) => trigger.type !== "time" || trigger.at !== "07:00"));
  });
});
