import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, it } from "node:test";
import { createSeededRandom } from "millrace";
import type { HomeEvent } from "../domain/event.ts";
import type { Rule, RuleTrigger } from "../domain/rule.ts";
import type { EventSeries } from "../domain/series.ts";
import { openZone } from "../domain/zone.ts";
import { readEvents } from "../ingest/read-events.ts";
import { evaluate, type Score, testStartOf } from "./evaluate.ts";
import { hourFrequencyRules } from "./hour-frequency.ts";
import { toSeries } from "../mine/made-up-home.test.ts";
import { mine } from "../mine/mine.ts";

const HOMES = new URL("../../../../shared/data/home/", import.meta.url);
const ZONE = "UTC";
const MONDAY = Date.UTC(2026, 8, 7);

function event(day: number, minute: number, entityId: string, state: string): HomeEvent {
  return { at: MONDAY + (day * 1_440 + minute) * 60_000, entityId, state };
}

function rule(trigger: RuleTrigger, entityId: string, to: string): Rule {
  const none = { days_hit: 0, days_possible: 0, trials: 0, hits: 0, p: 1, q: 1, wilson: 0, chance: 0 };
  return {
    id: "",
    kind: trigger.type === "time" ? "time_of_day" : "state_pair",
    trigger,
    conditions: [],
    action: { entity_ids: [entityId], to },
    window_s: 0,
    confidence: 0,
    evidence: { ...none, held_out: { hits: 0, misses: 0 }, examples: [], occurrences: [] },
  };
}

async function read(path: string): Promise<EventSeries> {
  const events: HomeEvent[] = [];
  for await (const item of readEvents({ path: fileURLToPath(new URL(path, HOMES)), zone: openZone(ZONE) })) {
    if (item.kind === "event") events.push(item.event);
  }
  return toSeries(events);
}

describe("evaluate", () => {
  // Ten days: eight to learn from, two to be judged on.
  const series = toSeries(
    Array.from({ length: 10 }, (_, day) => [
      event(day, 420, "door", "on"),
      event(day, 423, "lamp", "on"),
      event(day, 600, "door", "off"),
      ...(day === 9 ? [] : [event(day, 700, "lamp", "off")]),
      event(day, 1_000, "door", "on"),
      event(day, 1_010, "door", "off"),
    ]).flat(),
  );
  const options = { zone: ZONE, isTarget: (id: string) => id === "lamp", random: createSeededRandom(1) };

  it("counts hits, misses, firings without need and what is covered, in the test days alone", () => {
    const score = evaluate(
      [
        rule({ type: "time", at: "07:20" }, "lamp", "on"),
        rule({ type: "time", at: "11:30" }, "lamp", "off"),
        rule({ type: "state", entity_id: "door", to: "on" }, "lamp", "on"),
      ],
      series,
      options,
    );
    assert.deepEqual([score.trainDays, score.testDays, score.changes], [8, 2, 3]);
    // Right: 07:20 twice, 11:30 once, the door in the morning twice. Wrong: 11:30 on the last day, the door on the first afternoon. What two
    // rules foresee is covered once.
    assert.deepEqual([score.hits, score.wrong, score.noOps, score.covered], [5, 2, 1, 3]);
    assert.equal(score.precision, 5 / 7);
    assert.equal(score.wrongPerDay, 1);
  });

  it("judges all devices of a rule, and expects nobody to foresee what was unavailable or what a machine did", () => {
    const at7 = {
      ...rule({ type: "time", at: "07:00" }, "lamp", "on"),
      action: { entity_ids: ["fan", "lamp"], to: "on" },
    };
    const scoreOf = (changes: readonly HomeEvent[]): (number | undefined)[] => {
      const days = Array.from({ length: 10 }, (_, day) => [
        event(day, 600, "fan", "off"),
        event(day, 601, "lamp", "off"),
        event(day, 602, "lamp", "unavailable"),
        event(day, 603, "lamp", "off"),
      ]);
      const {
        hits,
        wrong,
        noOps,
        covered,
        changes: all,
      } = evaluate([at7], toSeries([...days.flat(), ...changes]), {
        ...options,
        isTarget: () => true,
      });
      return [hits, wrong, noOps, covered, all];
    };
    const [fan, lamp] = ["fan", "lamp"].map((id) => event(9, 425, id, "on"));
    assert.ok(fan !== undefined && lamp !== undefined);
    // The two that go off again are changes of the last day too.
    assert.deepEqual(scoreOf([fan, lamp]), [1, 1, 0, 2, 4]);
    assert.deepEqual(scoreOf([fan]), [1, 1, 0, 1, 2]);
    assert.deepEqual(scoreOf([]), [0, 2, 0, 0, 0]);
    const byMachine = { cause: "automation" } as const;
    assert.deepEqual(
      scoreOf([
        { ...fan, ...byMachine },
        { ...lamp, ...byMachine },
      ]),
      [0, 1, 1, 0, 2],
    );
  });

  it("gives no precision without firings, and begins the test days at local midnight", () => {
    assert.equal(evaluate([], series, options).precision, 0);
    assert.equal(testStartOf(series, options), MONDAY + 8 * 86_400_000);
    assert.equal(testStartOf(series, { ...options, zone: "Europe/Berlin" }), MONDAY + 8 * 86_400_000 - 7_200_000);
  });
});

describe(
  "evaluate: recorded homes",
  { skip: existsSync(HOMES) ? false : "the recorded homes are not beside the checkout" },
  () => {
    const everything = (): boolean => true;
    const homes = [
      { path: "kasteren/houseA.sensors", isTarget: everything, raw: [7, 29, 13, 0.621, 0.098], quiet: [6, 0.6, 0.08] },
      { path: "kasteren/houseB.sensors", isTarget: everything, raw: [14, 43, 41, 0.047, 0.223], quiet: [12, 0, 0] },
      {
        path: "kasteren/houseC.sensors",
        isTarget: everything,
        raw: [45, 116, 64, 0.474, 0.739],
        quiet: [36, 0.547, 0.408],
      },
      {
        path: "ordonez/OrdonezA_Sensors.txt",
        isTarget: everything,
        raw: [17, 27, 24, 0.185, 0.056],
        quiet: [13, 0.286, 0.072],
      },
      {
        path: "ordonez/OrdonezB_Sensors.txt",
        isTarget: everything,
        raw: [59, 227, 68, 0.7, 0.599],
        quiet: [59, 0.703, 0.552],
      },
    ];

    it("judges the hour-frequency baseline as two other programs did", async () => {
      for (const { path, isTarget, raw, quiet } of homes) {
        const series = await read(path);
        const scoreOf = (isDebounced: boolean): Score => {
          const options = { zone: ZONE, isTarget, isDebounced, random: createSeededRandom(1), shifts: 1 };
          return evaluate(hourFrequencyRules(series, options), series, options);
        };
        const rounded = (value: number): number => Math.round(value * 1_000) / 1_000;
        const loud = scoreOf(false);
        const calm = scoreOf(true);
        assert.deepEqual(
          [loud.rules, loud.hits + loud.wrong, loud.noOps, rounded(loud.precision), rounded(loud.recall)],
          raw,
          path,
        );
        assert.deepEqual([calm.rules, rounded(calm.precision), rounded(calm.recall)], quiet, path);
      }
    });

    it("finds rules in each home that fare far better than chance where the home goes on as before", async () => {
      for (const path of ["kasteren/houseA.sensors", "ordonez/OrdonezA_Sensors.txt", "ordonez/OrdonezB_Sensors.txt"]) {
        const series = await read(path);
        const options = { zone: ZONE, isTarget: everything, isDebounced: true, random: createSeededRandom(1) };
        const { rules } = mine(series, { zone: ZONE, maxRules: 10, until: testStartOf(series, options) });
        const score = evaluate(rules, series, options);
        assert.ok(
          rules.length > 0 && score.precision >= 0.6 && score.precision >= 5 * score.chance,
          `${path}: ${score.precision}`,
        );
        assert.ok(score.wrongPerDay <= 2, path);
      }
    });
  },
);
