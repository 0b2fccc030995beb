import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Cause } from "../domain/event.ts";
import { CAUSES, type EventSeries } from "../domain/series.ts";
import { backtest, type RuleCore } from "./backtest.ts";

const DAY = 86_400_000;
/** A Monday. */
const START = Date.parse("2026-03-02T00:00:00Z");
const RULE: RuleCore = {
  kind: "time_of_day",
  trigger: { type: "time", at: "07:10" },
  conditions: [],
  action: { entity_ids: ["light.hall"], to: "on" },
  window_s: 900,
};

/** Lines such as "2 07:05 light.hall on": the day from START, the time of day in UTC, entity, state, and a cause if it is not a person. */
function seriesOf(lines: readonly string[]): EventSeries {
  const entities: string[] = [];
  const states: string[] = [];
  const placeIn = (list: string[], item: string): number => {
    if (!list.includes(item)) list.push(item);
    return list.indexOf(item);
  };
  const rows = lines.map((line) => {
    const [day = "0", clock = "00:00", entity = "", state = "", cause = "user"] = line.split(" ");
    const at = START + Number(day) * DAY + Date.parse(`1970-01-01T${clock}:00Z`);
    return { at, entity: placeIn(entities, entity), state: placeIn(states, state), cause: cause as Cause };
  });
  return {
    at: Float64Array.from(rows.map(({ at }) => at)),
    entity: Uint32Array.from(rows.map(({ entity }) => entity)),
    state: Uint32Array.from(rows.map(({ state }) => state)),
    cause: Uint8Array.from(rows.map(({ cause }) => CAUSES.indexOf(cause))),
    entities: entities.map((id) => ({ id, area: null, deviceClass: null })),
    states,
  };
}

function tryOut(rule: RuleCore, lines: readonly string[], { days = 7, zone = "UTC" } = {}) {
  return backtest(seriesOf(lines), rule, { zone, firstAt: START, lastAt: START + days * DAY - 1 });
}

describe("what a rule would have done", () => {
  it("tells apart what somebody did, what was so already, what another automation did, and what was wrong", () => {
    const result = tryOut(RULE, [
      "0 07:05 light.hall on",
      "0 09:00 light.hall off",
      "1 06:00 light.hall on",
      "1 09:00 light.hall off",
      "2 07:12 light.hall on automation",
      "2 09:00 light.hall off",
      "3 08:00 light.hall on",
      "3 09:00 light.hall off",
    ]);
    assert.deepEqual(
      result.firings.slice(0, 4).map(({ date, minute, outcome, doneAt }) => [date, minute, outcome, doneAt]),
      [
        ["2026-03-02", 430, "matched", 425],
        ["2026-03-03", 430, "no_op", null],
        ["2026-03-04", 430, "no_op", null],
        ["2026-03-05", 430, "wrong", null],
      ],
    );
    assert.partialDeepStrictEqual(result, { days: 7, fired: 7, matched: 1, noOp: 2, wrong: 4, precision: 0.2 });
    assert.deepEqual(result.perWeek, { matched: 1, wrong: 4, noOp: 2 });
    assert.deepEqual(result.weeks, [{ from: "2026-03-02", matched: 1, wrong: 4, noOp: 2 }]);
  });

  it("shows the effect of another time, another window and other days", () => {
    const lines = [0, 1, 2, 3, 4].flatMap((day) => [`${day} 07:40 light.hall on`, `${day} 09:00 light.hall off`]);
    assert.equal(tryOut(RULE, lines).matched, 0);
    assert.equal(tryOut({ ...RULE, trigger: { type: "time", at: "07:35" } }, lines).matched, 5);
    assert.equal(tryOut({ ...RULE, window_s: 1_800 }, lines).matched, 5);
    const weekdays = tryOut(
      { ...RULE, trigger: { type: "time", at: "07:35", weekdays: ["mon", "tue", "wed", "thu", "fri"] } },
      lines,
    );
    assert.partialDeepStrictEqual(weekdays, { fired: 5, matched: 5, wrong: 0, precision: 1 });
  });

  it("lets a rule that waits for a state fire when its conditions hold, and only after", () => {
    const rule: RuleCore = {
      kind: "state_pair",
      trigger: { type: "state", entity_id: "binary_sensor.door", to: "on" },
      conditions: [{ type: "state", entity_id: "media_player.tv", is: "off" }],
      action: { entity_ids: ["light.hall"], to: "on" },
      window_s: 300,
    };
    const result = tryOut(rule, [
      "0 01:00 media_player.tv off",
      "0 18:00 binary_sensor.door on",
      "0 18:02 light.hall on",
      "0 18:03 binary_sensor.door off",
      "0 20:00 light.hall off",
      "1 18:00 binary_sensor.door on",
      "1 18:01 binary_sensor.door off",
      "1 19:00 media_player.tv on",
      "1 19:30 binary_sensor.door on",
    ]);
    assert.deepEqual(
      result.firings.map(({ outcome }) => outcome),
      ["matched", "wrong"],
    );
  });

  it("counts by the clocks of the home, on the night on which they change as well", () => {
    const lines = ["26 06:10 light.hall on", "26 08:00 light.hall off", "27 05:10 light.hall on"];
    const result = tryOut(RULE, lines, { days: 28, zone: "Europe/Amsterdam" });
    assert.deepEqual(
      result.firings.slice(-2).map(({ date, outcome }) => [date, outcome]),
      [
        ["2026-03-28", "matched"],
        ["2026-03-29", "matched"],
      ],
    );
  });

  it("does not fire at a time that a night has not, and counts one that it has twice once", () => {
    const rule: RuleCore = { ...RULE, trigger: { type: "time", at: "02:30" } };
    const spring = tryOut(rule, ["0 01:30 light.hall on"], { days: 29, zone: "Europe/Amsterdam" });
    const dates = spring.firings.map(({ date }) => date);
    assert.ok(dates.includes("2026-03-28") && dates.includes("2026-03-30"), dates.join(" "));
    assert.ok(!dates.includes("2026-03-29"), "02:30 was skipped");
    assert.equal(spring.fired, dates.length);
    // Day 237 from 2 March is 25 October: 02:30 is at 00:30 and at 01:30 of UTC.
    const autumn = tryOut(rule, ["236 00:32 light.hall on", "236 09:00 light.hall off", "237 01:33 light.hall on"], {
      days: 240,
      zone: "Europe/Amsterdam",
    });
    assert.deepEqual(
      autumn.firings
        .filter(({ date }) => date >= "2026-10-24" && date <= "2026-10-25")
        .map((each) => Object.values(each)),
      [
        ["2026-10-24", 150, "matched", 152],
        ["2026-10-25", 150, "matched", 153],
      ],
    );
    const early = tryOut(rule, ["237 00:33 light.hall on"], { days: 240, zone: "Europe/Amsterdam" });
    assert.equal(early.matched, 1);
  });

  it("leaves out what nobody can know: before the first event, and a window that is not over", () => {
    const result = backtest(seriesOf(["0 12:00 light.hall on"]), RULE, {
      zone: "UTC",
      firstAt: START + 12 * 3_600_000,
      lastAt: START + DAY + 7 * 3_600_000 + 15 * 60_000,
    });
    assert.equal(result.fired, 0);
    assert.equal(result.precision, null);
  });

  it("judges what was left on by whether somebody came back", () => {
    const rule: RuleCore = {
      kind: "forgotten_on",
      trigger: { type: "state", entity_id: "light.hall", to: "on", for_s: 3_600 },
      conditions: [{ type: "state", entity_id: "binary_sensor.motion", is: "off", for_s: 600 }],
      action: { entity_ids: ["light.hall"], to: "off" },
      window_s: 600,
    };
    const result = tryOut(rule, [
      "0 01:00 binary_sensor.motion off",
      "0 10:00 light.hall on",
      "0 15:00 light.hall off",
      "1 10:00 light.hall on",
      "1 11:05 binary_sensor.motion on",
      "1 11:06 binary_sensor.motion off",
      "1 15:00 light.hall off",
    ]);
    assert.deepEqual(
      result.firings.map(({ outcome }) => outcome),
      ["matched", "wrong"],
    );
  });

  it("gives the same for the same, and nothing for devices without a history", () => {
    const lines = ["0 07:05 light.hall on"];
    assert.deepEqual(tryOut(RULE, lines), tryOut(RULE, lines));
    assert.equal(tryOut({ ...RULE, trigger: { type: "state", entity_id: "a.b", to: "on" } }, lines).fired, 0);
  });
});
