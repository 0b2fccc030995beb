import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { HomeEvent } from "../domain/event.ts";
import { WEEKDAYS } from "../domain/rule.ts";
import { dateOfDay, openZone } from "../domain/zone.ts";
import { isAway, sunOf, weekdayOf } from "./calendar.ts";
import { HOUSEHOLD } from "./household.ts";
import type { PlantedRoutine } from "./routine.ts";
import { sampleHome } from "./sample-home.ts";

const DAY_MS = 86_400_000;
const timezone = "Europe/Amsterdam";
const zone = openZone(timezone);
const FROM = Date.UTC(2026, 0, 5);
/** A year, so that chance evens out. */
const YEAR = { seed: 1, timezone, from: FROM, until: FROM + 364 * DAY_MS };

function eventsOf(seed: number, from: number, until: number): readonly HomeEvent[] {
  return [...sampleHome({ seed, timezone, from, until }).events];
}

/** Local minutes since midnight; the hour before and after midnight are near each other. */
function minutesApart(a: number, b: number): number {
  const apart = Math.abs(a - b) % 1_440;
  return Math.min(apart, 1_440 - apart);
}

describe("sampleHome", () => {
  const { planted, entities, events } = sampleHome(YEAR);
  const lived = [...events];
  const changesTo = new Map<string, HomeEvent[]>();
  for (const event of lived) {
    const key = `${event.entityId} ${event.state}`;
    changesTo.set(key, [...(changesTo.get(key) ?? []), event]);
  }
  const changes = (entityId: string, state: string) => changesTo.get(`${entityId} ${state}`) ?? [];

  it("lives the same life for the same seed and another for another", () => {
    const until = FROM + 14 * DAY_MS;
    assert.deepEqual(eventsOf(7, FROM, until), eventsOf(7, FROM, until));
    assert.notDeepEqual(eventsOf(7, FROM, until), eventsOf(8, FROM, until));
  });

  it("only adds events when it goes on, wherever it is cut", () => {
    const end = FROM + 10 * DAY_MS;
    const whole = eventsOf(3, FROM, end);
    fc.assert(
      fc.property(fc.integer({ min: FROM, max: end }), (cut) => {
        assert.deepEqual([...eventsOf(3, FROM, cut), ...eventsOf(3, cut, end)], whole);
      }),
      { numRuns: 20 },
    );
  });

  it("tells its events in order of time, each a change of a known entity", () => {
    const known = new Set(HOUSEHOLD.map(({ id }) => id));
    const stateOf = new Map<string, string>();
    let last = 0;
    for (const { at, entityId, state } of lived) {
      assert.ok(at >= last, new Date(at).toISOString());
      assert.ok(known.has(entityId));
      last = at;
      stateOf.set(entityId, state);
    }
    assert.equal(stateOf.size, entities.length);
    assert.equal(new Set(entities.map(({ area }) => area)).size, 8);
  });

  it("starts and ends every day with everything off, so that no day depends on another", () => {
    const stateOf = new Map<string, string>();
    let day = Number.NaN;
    for (const { at, entityId, state } of lived) {
      const now = zone.local(at - 4 * 3_600_000).day;
      if (now !== day) {
        const used = [...stateOf].filter(([id, value]) => value === "on" && id !== "binary_sensor.robin_home");
        assert.deepEqual(used, [], dateOfDay(now));
        day = now;
      }
      stateOf.set(entityId, state);
    }
  });

  it("plants enough of every kind", () => {
    assert.ok(planted.filter(({ minable }) => minable).length >= 10);
    assert.equal(new Set(planted.map(({ id }) => id)).size, planted.length);
    for (const { reliability, id } of planted.filter(({ minable }) => minable)) {
      assert.ok(reliability >= 0.75 && reliability <= 0.95, id);
    }
    for (const type of ["time", "state", "sun"]) assert.ok(planted.some(({ trigger }) => trigger.type === type));
  });

  for (const routine of planted) {
    it(`keeps ${routine.id} as often as it says`, () => {
      const { hits, chances } = countHits(routine);
      assert.ok(chances >= 40, `${chances} chances`);
      const deviation = Math.sqrt((routine.reliability * (1 - routine.reliability)) / chances);
      const rate = hits / chances;
      // Chance may bring the action about by itself, and things in the way may prevent it, a little.
      assert.ok(rate >= routine.reliability - 0.03 - 3 * deviation, `${hits} of ${chances}`);
      assert.ok(rate <= routine.reliability + 0.03 + 3 * deviation, `${hits} of ${chances}`);
    });
  }

  function countHits(routine: PlantedRoutine): { readonly hits: number; readonly chances: number } {
    const outcomes =
      routine.trigger.type === "state" ? triggersOf(routine, routine.trigger) : daysOf(routine, routine.trigger);
    return { hits: outcomes.filter(Boolean).length, chances: outcomes.length };
  }

  function triggersOf({ action, window_s, conditions }: PlantedRoutine, trigger: { entity_id: string; to: string }) {
    const [entityId = ""] = action.entity_ids;
    const done = changes(entityId, action.to);
    const opposite = lived.filter((event) => event.entityId === entityId);
    return changes(trigger.entity_id, trigger.to)
      .filter(({ at }) => conditions.length === 0 || isNight(at))
      .filter(({ at }) => opposite.findLast((event) => event.at < at)?.state !== action.to || action.to === "on")
      .map(({ at }) => done.some((event) => event.at >= at && event.at <= at + window_s * 1_000));
  }

  function daysOf(
    { action, weekdays, window_s }: PlantedRoutine,
    trigger: { type: "time"; at: string } | { type: "sun"; offset_min: number },
  ) {
    const days: boolean[] = [];
    for (let day = zone.local(FROM).day + 1; day < zone.local(YEAR.until).day; day++) {
      const isDay = weekdays === undefined || weekdays.includes(weekdayOf(day));
      if (!isDay || (action.entity_ids[0] !== "light.garden_path" && isAway(YEAR.seed, day))) continue;
      const minute = trigger.type === "sun" ? sunOf(day, zone).set + trigger.offset_min : minuteOf(trigger.at);
      const at = zone.instant(Math.round(day * DAY_MS + minute * 60_000));
      days.push(
        action.entity_ids.every((entityId) =>
          changes(entityId, action.to).some((event) => Math.abs(event.at - at) <= window_s * 1_000),
        ),
      );
    }
    return days;
  }

  it("puts out the lights of bedtime within seconds", () => {
    const routine = planted.find(({ id }) => id === "bedtime-lights");
    const [first = "", ...others] = routine?.action.entity_ids ?? [];
    const together = changes(first, "off").filter(({ at }) =>
      others.every((other) => changes(other, "off").some((event) => event.at > at && event.at - at < 4_000)),
    );
    assert.ok(together.length > 250);
  });

  it("lives by the clock on the wall, summer and winter", () => {
    const kettle = planted.find(({ id }) => id === "kettle-workday");
    for (const month of [0, 6]) {
      const minutes = changes("switch.kitchen_kettle", "on")
        .filter(({ at }) => new Date(at).getUTCMonth() === month)
        .map(({ at }) => zone.local(at).minute)
        .filter((minute) => minutesApart(minute, minuteOf(kettle?.time ?? "")) <= 30);
      const mean = minutes.reduce((sum, minute) => sum + minute, 0) / minutes.length;
      assert.ok(minutes.length > 10 && Math.abs(mean - 405) < 4, `${month} ${mean}`);
    }
  });

  it("turns with the sun: the blinds of June close hours later than those of December", () => {
    const closing = (month: number) =>
      changes("cover.living_room_blinds", "closed")
        .filter(({ at }) => new Date(at).getUTCMonth() === month)
        .map(({ at }) => zone.local(at).minute)
        .sort((a, b) => a - b);
    const median = (list: readonly number[]) => list[Math.floor(list.length / 2)] ?? 0;
    assert.ok(median(closing(5)) - median(closing(11)) > 240);
  });

  it("puts the charger on around midnight, on either side of it", () => {
    const minutes = changes("switch.bedroom_charger", "on").map(({ at }) => zone.local(at).minute);
    assert.ok(minutes.filter((minute) => minute > 1_400).length > 50);
    assert.ok(minutes.filter((minute) => minute < 30).length > 50);
  });

  it("goes away for days, at least once in eight weeks", () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      for (let start = zone.local(FROM).day; start < zone.local(FROM).day + 300; start++) {
        assert.ok(Array.from({ length: 56 }, (_, index) => isAway(seed, start + index)).includes(true));
      }
    }
    const quiet = lived.filter(({ at }) => isAway(1, zone.local(at - 4 * 3_600_000).day));
    assert.ok(quiet.length > 0);
    // Only what runs by itself, and what the hub's failures touch.
    const acts = quiet.filter(({ cause }) => cause === "physical" || cause === "user" || cause === "derived");
    assert.deepEqual(acts, []);
  });

  it("has chatter, a derived sensor, automations and outages, each with its cause", () => {
    const causes = new Set(lived.map(({ cause }) => cause));
    assert.deepEqual(
      [...causes].sort((a, b) => (a ?? "").localeCompare(b ?? "")),
      ["automation", "derived", "physical", "startup", "unknown", "user"],
    );
    const derived = lived.filter(({ cause }) => cause === "derived");
    assert.deepEqual([...new Set(derived.map(({ entityId }) => entityId))], ["binary_sensor.motion_at_home"]);
    assert.ok(derived.length > lived.length / 5);
    assert.ok(lived.some(({ state }) => state === "unavailable"));
    assert.ok(
      lived.filter(({ entityId }) => entityId === "light.garden_path").every(({ cause }) => cause === "automation"),
    );
  });
});

describe("weekdayOf", () => {
  it("agrees with the calendar", () => {
    assert.deepEqual(
      [20_541, 20_542, -1].map(weekdayOf),
      [20_541, 20_542, -1].map((day) => WEEKDAYS[(new Date(day * DAY_MS).getUTCDay() + 6) % 7]),
    );
  });
});

function minuteOf(clock: string): number {
  const [hours = 0, minutes = 0] = clock.split(":").map(Number);
  return hours * 60 + minutes;
}

function isNight(at: number): boolean {
  const { minute } = zone.local(at);
  return minute >= 22 * 60 + 30 || minute < 6 * 60;
}
