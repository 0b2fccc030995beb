import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isOf } from "../sample/is-of.ts";
import { sampleHome } from "../sample/sample-home.ts";
import { toSeries } from "./made-up-home.test.ts";
import { mine } from "./mine.ts";

const TIMEZONE = "Europe/Berlin";
const UNTIL = Date.UTC(2026, 10, 22);
const EIGHT_WEEKS_MS = 56 * 86_400_000;
const SEEDS = [1, 2, 3, 4];

describe("mine: the sample home", () => {
  it("finds nine of ten planted routines, the one by the sun among them, and hardly anything else, in any such household", () => {
    let planted = 0;
    let found = 0;
    let invented = 0;
    for (const seed of SEEDS) {
      const home = sampleHome({ seed, timezone: TIMEZONE, from: UNTIL - EIGHT_WEEKS_MS, until: UNTIL });
      const { rules } = mine(toSeries([...home.events]), { zone: TIMEZONE });
      const minable = home.planted.filter((routine) => routine.minable);
      planted += minable.length;
      found += minable.filter((routine) => rules.some((rule) => isOf(rule, routine))).length;
      invented += rules.filter((rule) => !home.planted.some((routine) => isOf(rule, routine))).length;
      assert.ok(!rules.some(({ action }) => action.entity_ids.some((id) => id.startsWith("lock."))));
    }
    assert.ok(found >= 0.9 * planted, `${found} of ${planted}`);
    assert.ok(invented <= 0.05 * SEEDS.length * 15, `${invented} were planted by nobody`);
  });
});
