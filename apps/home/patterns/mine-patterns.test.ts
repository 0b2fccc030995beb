import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createIds, createSeededRandom } from "millrace";
import { openSqliteStore } from "millrace/sqlite";
import { createLog, createManualClock } from "millrace/testing";
import type { Rule } from "../domain/rule.ts";
import { openSunClock } from "../domain/sun.ts";
import { openZone } from "../domain/zone.ts";
import { EntityKeys } from "../events/entities.ts";
import { openHome } from "../events/homes.ts";
import { storeEvents } from "../events/store-events.ts";
import { putLink } from "../home-assistant/link.ts";
import { minePatterns } from "./mine-patterns.ts";
import { listPatterns } from "./pattern-store.ts";

const TIMEZONE = "Europe/London";
/** As far north as the city that the zone is named after, and twenty minutes of the sun to the west. */
const SAINT_DAVIDS = { latitude: 51.88, longitude: -5.27 };
const FIRST_DAY = Date.UTC(2026, 0, 5) / 86_400_000;
const AFTER_SUNSET_MIN = 10;

describe("the daily job's mining", () => {
  /** Ten minutes after every sunset in Saint Davids the porch is lit. */
  async function sunRule(place: { readonly latitude: number; readonly longitude: number }): Promise<Rule | undefined> {
    const clock = createManualClock();
    const store = await openSqliteStore({ directory: ":memory:", clock });
    try {
      const { db } = store;
      await db.migrate({ owner: "home", directory: new URL("../tables/", import.meta.url) });
      const home = await openHome({ db, clock, name: "home", timezone: TIMEZONE });
      const facts = {
        version: "2024.3.3",
        timezone: TIMEZONE,
        ...place,
        temperatureUnit: "°C",
        state: "RUNNING",
      } as const;
      await putLink(db, { home: home.key, url: "http://home", facts, now: 0 });
      const sun = openSunClock(SAINT_DAVIDS, openZone(TIMEZONE));
      const random = createSeededRandom(7);
      const events = Array.from({ length: 70 }, (_, index) => FIRST_DAY + index).flatMap((day) => {
        const dusk = (sun.minuteOf("sunset", day) ?? 0) + AFTER_SUNSET_MIN + (random.next() - 0.5) * 8;
        // Winter: the clock of London is UTC.
        const at = (minute: number): number => Math.round((day * 1_440 + minute) * 60_000);
        return [
          { at: at(dusk), entityId: "light.porch", state: "on", cause: "user" as const },
          { at: at(1_410 + random.next() * 20), entityId: "light.porch", state: "off", cause: "user" as const },
        ];
      });
      await storeEvents({ db, home: home.key, entities: await EntityKeys.open(db, home.key), events });
      const ids = createIds({ clock, random: createSeededRandom(1) });
      const { signal } = new AbortController();
      const log = createLog({ level: "silent" });
      const run = { runId: "r", maxSuggestions: 10, signal, log };
      await minePatterns({ db, clock, ids, home: "home", timezone: TIMEZONE, ...run });
      const { items } = await listPatterns(db, { home: "home", limit: 50 });
      return items.map(({ rule }) => rule).find(({ action, kind }) => action.to === "on" && kind === "sun");
    } finally {
      await store.close();
    }
  }

  function offsetOf(rule: Rule | undefined): number {
    assert.ok(rule?.trigger.type === "sun" && rule.trigger.event === "sunset", JSON.stringify(rule));
    return rule.trigger.offset_min;
  }

  it("counts from the sun of the home's own place, and from that of its zone where the home does not say", async () => {
    const [own, unknown] = await Promise.all([sunRule(SAINT_DAVIDS), sunRule({ latitude: 0, longitude: 0 })]);
    assert.ok(Math.abs(offsetOf(own) - AFTER_SUNSET_MIN) <= 3, `${offsetOf(own)} min`);
    if (unknown !== undefined)
      assert.ok(Math.abs(offsetOf(unknown) - AFTER_SUNSET_MIN) > 3, `${offsetOf(unknown)} min`);
  });
});
