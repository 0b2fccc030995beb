import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openSunClock } from "./sun.ts";
import { placeOfZone } from "./zone-places.ts";
import { openZone } from "./zone.ts";

const day = (date: string): number => Date.parse(`${date}T00:00:00Z`) / 86_400_000;

function near(actual: number | undefined, clock: string): void {
  const [hours = 0, minutes = 0] = clock.split(":").map(Number);
  assert.ok(actual !== undefined && Math.abs(actual - hours * 60 - minutes) <= 3, `${actual} is not ${clock}`);
}

describe("openSunClock", () => {
  it("knows when the sun rises and sets, by the clocks of the place, daylight saving included", () => {
    const greenwich = openSunClock({ latitude: 51.48, longitude: 0 }, openZone("Europe/London"));
    near(greenwich.minuteOf("sunrise", day("2024-06-20")), "04:43");
    near(greenwich.minuteOf("sunset", day("2024-06-20")), "21:21");
    near(greenwich.minuteOf("sunrise", day("2024-12-21")), "08:04");
    near(greenwich.minuteOf("sunset", day("2024-12-21")), "15:53");
    const sydney = openSunClock({ latitude: -33.87, longitude: 151.21 }, openZone("Australia/Sydney"));
    near(sydney.minuteOf("sunrise", day("2024-12-21")), "05:41");
    near(sydney.minuteOf("sunset", day("2024-12-21")), "20:05");
  });

  it("has none where the sun does not rise, and no place for a zone without a city", () => {
    const north = openSunClock({ latitude: 69.65, longitude: 18.96 }, openZone("Europe/Oslo"));
    assert.equal(north.minuteOf("sunrise", day("2024-12-21")), undefined);
    assert.equal(placeOfZone("UTC"), undefined);
    assert.deepEqual(placeOfZone("Europe/Berlin"), { latitude: 52.5, longitude: 13.4 });
  });

  it("tells dark from light", () => {
    const berlin = openSunClock({ latitude: 52.5, longitude: 13.4 }, openZone("Europe/Berlin"));
    const midnight = day("2026-11-01") * 1_440;
    assert.deepEqual(
      [3 * 60, 12 * 60, 16 * 60, 18 * 60].map((minute) => berlin.isDark(midnight + minute)),
      [true, false, false, true],
    );
  });
});
