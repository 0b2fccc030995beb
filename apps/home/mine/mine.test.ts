import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createSeededRandom } from "millrace";
import fc from "fast-check";
import type { HomeEvent } from "../domain/event.ts";
import type { Rule } from "../domain/rule.ts";
import type { EventSeries } from "../domain/series.ts";
import { type Day, liveDays, toSeries, useAtRandom, ZONE } from "./made-up-home.test.ts";
import { mine, type MineOptions } from "./mine.ts";

function rulesOf(events: readonly HomeEvent[], options: Partial<MineOptions> = {}): readonly Rule[] {
  return mine(toSeries(events), { zone: ZONE, ...options }).rules;
}

/** A rule in a few words: "06:45 mon tue: light.kitchen on". */
function say({ trigger, conditions, action }: Rule): string {
  const when =
    trigger.type !== "state"
      ? [trigger.type === "time" ? trigger.at : `${trigger.event}+${trigger.offset_min}`, ...(trigger.weekdays ?? [])]
      : [trigger.entity_id, trigger.to, ...conditions.map((condition) => condition.type)];
  return `${when.join(" ")}: ${action.entity_ids.join("+")} ${action.to}`;
}

function isWorkday({ weekday }: Day): boolean {
  return weekday < 5;
}

describe("mine: times of day", () => {
  it("finds a habit of working days at its local time, with its evidence", () => {
    const events = liveDays({ days: 56, seed: 1 }, (day) => {
      if (isWorkday(day) && day.random.next() < 0.95) day.put(day.about(405, 8), "light.kitchen", "on");
      day.put(day.about(600, 200), "light.kitchen", "off");
      useAtRandom(day, "light.hall", 2);
    });
    const [rule, ...others] = rulesOf(events);
    assert.ok(rule);
    assert.equal(say(rule), "06:45 mon tue wed thu fri: light.kitchen on");
    assert.deepEqual(others.map(say), []);
    const { evidence, confidence, kind } = rule;
    assert.equal(kind, "time_of_day");
    assert.equal(confidence, evidence.wilson);
    assert.ok(evidence.hits >= 28 && evidence.trials <= 33 && evidence.hits <= evidence.trials);
    assert.equal(evidence.days_hit, evidence.hits);
    assert.ok(evidence.p <= evidence.q && evidence.q <= 0.05 && evidence.chance < 0.2);
    assert.ok(evidence.held_out.hits >= 6);
    assert.equal(evidence.examples.length, 3);
    for (const example of evidence.examples) assert.match(example, /^2026-1\d-\d\dT06:(3|4|5)\d:\d\d$/);
    assert.equal(evidence.occurrences.length, evidence.trials + evidence.held_out.hits + evidence.held_out.misses);
    const hits = evidence.occurrences.filter(({ hit }) => hit);
    assert.ok(hits.every(({ minute }) => minute !== null && Math.abs(minute - 405) <= 9));
  });

  it("keeps the local time when daylight saving ends in the middle", () => {
    const events = liveDays({ days: 60, seed: 2, firstDay: 20 }, (day) => {
      day.put(day.about(420, 6), "light.kitchen", "on");
      day.put(day.about(480, 6), "light.kitchen", "off");
    });
    assert.deepEqual(rulesOf(events).map(say).sort(), ["07:00: light.kitchen on", "08:00: light.kitchen off"]);
  });

  it("sees a habit around midnight as one, and gives it to the evening on which it began", () => {
    const events = liveDays({ days: 56, seed: 3 }, (day) => {
      if (isWorkday(day)) day.put(day.about(1_440, 14), "switch.charger", "on");
      day.put(day.about(1_440 + 420, 60), "switch.charger", "off");
    });
    const found = rulesOf(events).map(say);
    assert.equal(found.filter((text) => text.endsWith("switch.charger on")).length, 1);
    assert.match(found.join("\n"), /^(23:5[05] mon tue wed thu fri|00:0[05] tue wed thu fri sat): switch.charger on$/m);
  });

  it("tells the weekend's time from that of working days", () => {
    const events = liveDays({ days: 84, seed: 4 }, (day) => {
      day.put(day.about(isWorkday(day) ? 405 : 550, 8), "switch.kettle", "on");
      day.put(day.about(1_000, 200), "switch.kettle", "off");
    });
    const found = rulesOf(events).map(say);
    assert.ok(found.includes("06:45 mon tue wed thu fri: switch.kettle on"), found.join("\n"));
    assert.ok(found.includes("09:10 sat sun: switch.kettle on"), found.join("\n"));
  });

  it("makes no rule of a device that is merely busy", () => {
    const events = liveDays({ days: 60, seed: 5 }, (day) => {
      useAtRandom(day, "light.kitchen", 25);
      useAtRandom(day, "switch.kettle", 8);
    });
    assert.deepEqual(rulesOf(events).map(say), []);
  });

  it("counts days away as no days, and a habit done at another time as a miss", () => {
    const live = (isAway: (day: Day) => boolean) =>
      liveDays({ days: 50, seed: 6 }, (day) => {
        day.put(720, "light.garden", "on", "automation");
        day.put(800, "light.garden", "off", "automation");
        if (isAway(day)) return;
        day.put(day.about(day.index % 10 === 9 ? 1_020 : 1_170, 8), "light.lamp", "on");
        day.put(day.about(1_380, 8), "light.lamp", "off");
      });
    const away = rulesOf(live(({ index }) => index >= 14 && index < 24)).find(({ action }) => action.to === "on");
    assert.ok(away);
    assert.equal(away.evidence.days_possible, 30);
    assert.equal(away.evidence.trials - away.evidence.hits, 3);
    assert.ok(
      away.evidence.occurrences.some(({ hit, minute }) => !hit && minute !== null && Math.abs(minute - 1_020) <= 9),
    );
  });
});

describe("mine: directed pairs", () => {
  it("finds that B follows A, not the other way round, and only at the hours at which it does", () => {
    const events = liveDays({ days: 42, seed: 7 }, (day) => {
      for (const hour of [8, 11, 14, 18.5, 20, 21.5]) {
        const at = day.about(hour * 60, 25);
        day.put(at, "binary_sensor.front_door", "on", "physical");
        day.put(at + 0.3, "binary_sensor.front_door", "off", "physical");
        if (hour < 18 || day.random.next() > 0.92) continue;
        day.put(at + 0.4 + day.random.next() * 2, "light.hall", "on");
        day.put(at + 10 + day.random.next() * 60, "light.hall", "off");
      }
      useAtRandom(day, "light.bedroom", 2);
    });
    const [rule, ...others] = rulesOf(events);
    assert.ok(rule);
    assert.match(say(rule), /^binary_sensor.front_door (on|off) time: light.hall on$/);
    const [condition] = rule.conditions;
    assert.ok(condition?.type === "time" && condition.after >= "14:00" && condition.after <= "18:00");
    assert.equal(rule.window_s, 300);
    assert.ok(rule.evidence.hits > 80 && rule.evidence.chance < 0.15);
    assert.deepEqual(others.map(say), []);
  });

  it("counts a flickering trigger once, and an off that follows its own on not at all", () => {
    const events = liveDays({ days: 42, seed: 8 }, (day) => {
      for (const start of [day.about(500, 120), day.about(1_000, 120)]) {
        for (let flicker = 0; flicker < 5; flicker++) {
          day.put(start + flicker * 0.4, "binary_sensor.hall_motion", "on", "physical");
          day.put(start + flicker * 0.4 + 0.1, "binary_sensor.hall_motion", "off", "physical");
        }
        day.put(start + 2.5, "light.hall", "on");
        day.put(start + 5, "light.hall", "off");
      }
    });
    const rules = rulesOf(events).filter(({ action }) => action.to === "on");
    assert.equal(rules.length, 1);
    assert.ok((rules[0]?.evidence.trials ?? 0) <= 2 * 42);
    assert.ok(
      rules.every(({ trigger, action }) => trigger.type !== "state" || !action.entity_ids.includes(trigger.entity_id)),
    );
  });

  it("does not propose what a machine does already within a second", () => {
    const events = liveDays({ days: 42, seed: 9 }, (day) => {
      for (const start of [day.about(500, 200), day.about(1_000, 200)]) {
        day.put(start, "binary_sensor.hall_motion", "on", "unknown");
        day.put(start + 0.008, "light.hall", "on", "unknown");
        day.put(start + 3, "binary_sensor.hall_motion", "off", "unknown");
        day.put(start + 30 + day.random.next() * 60, "light.hall", "off", "unknown");
      }
    });
    assert.deepEqual(rulesOf(events).map(say), []);
  });
});

describe("mine: what is left out", () => {
  it("does not mine what automations, scripts and start-ups do", () => {
    for (const cause of ["automation", "script", "derived", "startup"] as const) {
      const events = liveDays({ days: 40, seed: 10 }, (day) => {
        day.put(1_080, "light.garden", "on", cause);
        day.put(1_380, "light.garden", "off", cause);
        useAtRandom(day, "light.hall", 2);
      });
      assert.deepEqual(rulesOf(events).map(say), [], cause);
    }
  });

  it("does not mine a sensor that follows others by itself", () => {
    const events = liveDays({ days: 40, seed: 11 }, (day) => {
      for (const [room, base] of [
        ["hall", 420],
        ["kitchen", 450],
      ] as const) {
        const at = day.about(base, 5);
        for (const [offset, state] of [
          [0, "on"],
          [10, "off"],
        ] as const) {
          day.put(at + offset, `binary_sensor.${room}_motion`, state, "physical");
          day.put(at + offset + 0.01, "binary_sensor.motion_at_home", state, "physical");
        }
      }
    });
    const found = rulesOf(events).map(say);
    assert.ok(found.length > 0);
    assert.doesNotMatch(found.join("\n"), /motion_at_home/);
  });

  it("never acts on locks, garages, ovens and heaters, not even when told to", () => {
    const forbidden = [
      "lock.front",
      "alarm_control_panel.home",
      "cover.garage",
      "cover.front_door",
      "switch.garden_gate",
      "switch.oven",
      "switch.space_heater",
      "climate.water_heater",
      "siren.attic",
      "valve.main",
    ];
    const events = liveDays({ days: 40, seed: 12 }, (day) => {
      for (const id of [...forbidden, "light.front_door"]) {
        day.put(day.about(420, 5), id, "on");
        day.put(day.about(1_380, 5), id, "off");
      }
    });
    for (const targets of [undefined, ["*"], forbidden]) {
      const acted = rulesOf(events, targets && { targets }).flatMap(({ action }) => action.entity_ids);
      assert.deepEqual(
        acted.filter((id) => forbidden.includes(id)),
        [],
      );
      if (targets !== forbidden) assert.ok(acted.includes("light.front_door"));
    }
  });

  it("leaves out measurements and states that mean nothing", () => {
    const events = liveDays({ days: 40, seed: 13 }, (day) => {
      for (let hour = 0; hour < 24; hour++)
        day.put(hour * 60, "sensor.temperature", String(18 + (hour % 14) / 10), "physical");
      day.put(day.about(420, 5), "light.kitchen", "on");
      day.put(500, "light.kitchen", "unavailable");
      day.put(501, "light.kitchen", "on");
      day.put(day.about(1_300, 5), "light.kitchen", "off");
    });
    const rules = rulesOf(events);
    assert.deepEqual(rules.map(say).sort(), ["07:00: light.kitchen on", "21:40: light.kitchen off"]);
  });

  it("mines every sensor of two states in a home without anything to switch", () => {
    const events = liveDays({ days: 40, seed: 14 }, (day) => {
      day.put(day.about(420, 5), "binary_sensor.bathroom_door", "on", "physical");
      day.put(day.about(450, 5), "binary_sensor.bathroom_door", "off", "physical");
    });
    assert.ok(rulesOf(events).some((rule) => say(rule) === "07:00: binary_sensor.bathroom_door on"));
  });
});

describe("mine: what is one", () => {
  it("makes one rule of lamps on one switch", () => {
    const lamps = ["light.left", "light.middle", "light.right"];
    const events = liveDays({ days: 40, seed: 15 }, (day) => {
      const on = day.about(1_170, 8);
      const off = day.about(1_370, 8);
      for (const [index, lamp] of lamps.entries()) {
        day.put(on + index * 0.01, lamp, "on");
        day.put(off + index * 0.01, lamp, "off");
      }
    });
    assert.deepEqual(
      rulesOf(events)
        .map(({ action }) => `${action.entity_ids.join("+")} ${action.to}`)
        .sort(),
      [`${lamps.join("+")} off`, `${lamps.join("+")} on`],
    );
  });

  it("makes one rule of lamps put out together at bedtime that have a life of their own by day", () => {
    const lamps = ["light.desk", "light.kitchen", "light.lamp"];
    const events = liveDays({ days: 60, seed: 16 }, (day) => {
      const bed = day.about(1_370, 8);
      for (const [index, lamp] of lamps.entries()) {
        useAtRandom(day, lamp, 2, 1_140);
        day.put(1_200 + day.random.next() * 100, lamp, "on");
        day.put(bed + index * 0.01, lamp, "off");
      }
    });
    const bedtime = rulesOf(events).filter(({ trigger }) => trigger.type === "time" && trigger.at >= "22:30");
    assert.deepEqual(
      bedtime.map(({ action }) => action.entity_ids),
      [lamps],
    );
  });
});

/** Every change at a random minute of its day, so that each entity is as busy as before and nothing has a reason. */
function shuffled(events: readonly HomeEvent[], seed: number): HomeEvent[] {
  const random = createSeededRandom(seed);
  return events.map((event) => ({
    ...event,
    at: Math.floor(event.at / 86_400_000) * 86_400_000 + random.next() * 86_400_000,
  }));
}

function livelyHome(days: number): HomeEvent[] {
  return liveDays({ days, seed: 17 }, (day) => {
    for (const [index, room] of ["hall", "kitchen", "bath", "study"].entries()) {
      for (let visit = 0; visit < 4 + 2 * index; visit++) {
        const at = day.about(420 + visit * 90, 30);
        day.put(at, `binary_sensor.${room}_motion`, "on", "physical");
        day.put(at + 0.5, `light.${room}`, "on");
        day.put(at + 8, `binary_sensor.${room}_motion`, "off", "physical");
        day.put(at + 12, `light.${room}`, "off");
      }
    }
  });
}

describe("mine: honesty", () => {
  it("gives a rule in at most one of twenty homes whose times are shuffled", () => {
    const real = livelyHome(30);
    assert.ok(rulesOf(real).length >= 4);
    const seeds = Array.from({ length: 60 }, (_, seed) => seed + 1);
    const fooled = seeds.filter((seed) => rulesOf(shuffled(real, seed)).length > 0);
    assert.ok(fooled.length <= 3, `rules at the seeds ${fooled.join(", ")}`);
  });

  it("drops a habit that has ended by the held-out days", () => {
    const live = (until: number): HomeEvent[] =>
      liveDays({ days: 50, seed: 18 }, (day) => {
        if (day.index < until) day.put(day.about(420, 5), "light.kitchen", "on");
        useAtRandom(day, "light.hall", 3);
        day.put(day.about(900, 100), "light.kitchen", "off");
      });
    const isMorning = (rule: Rule): boolean => say(rule) === "07:00: light.kitchen on";
    assert.ok(rulesOf(live(50)).some(isMorning));
    assert.ok(!rulesOf(live(40)).some(isMorning));
  });

  it("does not look at what comes after `until`", () => {
    const events = livelyHome(30);
    const middle = events.toSorted((a, b) => a.at - b.at)[events.length >> 1]?.at ?? 0;
    const before = mine(toSeries(events.filter(({ at }) => at < middle)), { zone: ZONE });
    const cut = mine(toSeries(events), { zone: ZONE, until: middle });
    assert.deepEqual(cut, before);
  });

  it("gives the same rules for the same events, and the first of many are those of few", () => {
    const series = toSeries(livelyHome(30));
    const all = mine(series, { zone: ZONE });
    assert.deepEqual(mine(series, { zone: ZONE }), all);
    assert.deepEqual(mine(series, { zone: ZONE, maxRules: 2 }).rules, all.rules.slice(0, 2));
  });

  it("keeps a rule's id when more days of the same habit arrive", () => {
    const live = (days: number): HomeEvent[] =>
      liveDays({ days, seed: 19 }, (day) => {
        day.put(day.about(420, 8), "light.kitchen", "on");
        day.put(day.about(800, 200), "light.kitchen", "off");
      });
    const idOf = (rules: readonly Rule[]) => rules.find(({ action }) => action.to === "on")?.id;
    assert.match(idOf(rulesOf(live(40))) ?? "", /^[0-9a-f]{16}$/);
    assert.equal(idOf(rulesOf(live(40))), idOf(rulesOf(live(55))));
  });

  it("says only what can be true, whatever the events", () => {
    const event = fc.record({
      at: fc.integer({ min: Date.UTC(2026, 9, 1), max: Date.UTC(2026, 10, 10) }),
      entityId: fc.constantFrom("light.a", "light.b", "switch.c", "binary_sensor.d", "lock.e"),
      state: fc.constantFrom("on", "off", "unavailable"),
      cause: fc.constantFrom("user" as const, "automation" as const),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 400 }), (events) => {
        const known = new Set<string>(events.map(({ entityId }) => entityId));
        for (const { trigger, action, evidence } of rulesOf(events)) {
          for (const id of action.entity_ids) assert.ok(known.has(id) && id !== "lock.e");
          if (trigger.type === "state") assert.ok(known.has(trigger.entity_id));
          assert.ok(evidence.p <= evidence.q && evidence.q <= 0.05 && evidence.hits <= evidence.trials);
        }
      }),
      { numRuns: 60 },
    );
  });
});

function emptySeries(): EventSeries {
  return toSeries([]);
}

describe("mine: small and large homes", () => {
  it("answers at once where there is nothing to find", () => {
    assert.deepEqual(mine(emptySeries(), { zone: ZONE }), {
      rules: [],
      days: 0,
      events: 0,
      candidates: 0,
      anomalies: [],
      targets: 0,
    });
    for (const days of [1, 2, 3]) {
      const events = liveDays({ days, seed: 20 }, (day) => useAtRandom(day, "light.hall", 2));
      assert.deepEqual(mine(toSeries(events), { zone: ZONE }).rules, []);
    }
    const single = liveDays({ days: 1, seed: 21 }, (day) => day.put(500, "light.hall", "on"));
    assert.deepEqual(mine(toSeries(single), { zone: ZONE }).rules, []);
  });

  it("finds one habit among ten thousand entities", () => {
    const events = liveDays({ days: 30, seed: 22 }, (day) => {
      day.put(day.about(420, 5), "light.kitchen", "on");
      day.put(day.about(800, 200), "light.kitchen", "off");
      for (let index = 0; index < 2_000; index++) {
        const id = `light.lamp_${Math.floor(day.random.next() * 10_000)}`;
        day.put(day.random.next() * 1_440, id, day.random.next() < 0.5 ? "on" : "off");
      }
    });
    assert.deepEqual(rulesOf(events).map(say), ["07:00: light.kitchen on"]);
  });

  it("refuses a time zone that is not known", () => {
    assert.throws(() => mine(emptySeries(), { zone: "Mars/Olympus" }), RangeError);
  });
});
