import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { liveDays, toSeries, useAtRandom, ZONE } from "../mine/made-up-home.test.ts";
import { evaluateHome } from "./evaluate-home.ts";

const series = toSeries(
  liveDays({ days: 50, seed: 80 }, (day) => {
    day.put(day.about(420, 6), "light.kitchen", "on");
    day.put(day.about(1_320, 6), "light.kitchen", "off");
    for (const hour of [9, 13, 17, 20]) {
      const at = day.about(hour * 60, 100);
      day.put(at, "binary_sensor.door", "on", "physical");
      day.put(at + 0.3, "binary_sensor.door", "off", "physical");
      if (day.random.next() < 0.95) day.put(at + 0.5, "light.hall", "on");
      day.put(at + 20 + day.random.next() * 50, "light.hall", "off");
    }
    useAtRandom(day, "switch.kettle", 2);
  }),
);

describe("evaluateHome", () => {
  const found = evaluateHome(series, { zone: ZONE });

  it("passes a home whose habits go on, and says by how much", () => {
    assert.deepEqual(found.gate, { raw: [], debounced: [] });
    const own = found.scores.find(({ side, view }) => side === "millrace" && view === "raw");
    assert.ok(own !== undefined && own.precision > 0.85 && own.false_per_day <= 2 && (own.lift ?? 99) >= 5);
    const [from, to] = own.interval.f1;
    assert.ok(from <= own.f1 && own.f1 <= to && from > 0.2);
    assert.ok(own.f1_beyond_chance <= own.f1);
  });

  it("learns each fold from the days before it alone, and counts every firing of the confidence once", () => {
    assert.deepEqual(
      found.folds.map(({ train_days, test_days }) => train_days + test_days),
      [30, 40, 50],
    );
    const { brier, reliability } = found.calibration;
    assert.ok(brier !== null && brier < 0.15);
    const own = found.scores.find(({ side, view }) => side === "millrace" && view === "debounced");
    const firings = reliability.reduce((sum, bin) => sum + bin.firings, 0);
    assert.equal(firings, (own?.hits ?? 0) + (own?.wrong ?? 0));
  });

  it("gives the same figures for the same seed, and says when there is no rule", () => {
    assert.deepEqual(evaluateHome(series, { zone: ZONE }), found);
    const { gate } = evaluateHome(series, { zone: ZONE, targets: ["light.none"] });
    assert.deepEqual(gate.raw, ["no rule was found"]);
  });
});
