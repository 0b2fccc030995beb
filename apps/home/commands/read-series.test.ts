import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { openZone } from "../domain/zone.ts";
import { readSeries } from "./read-series.ts";

const LINES = [
  "2026-03-02T07:00:00Z,light.kitchen,on",
  "2026-03-02T07:00:00Z,light.hall,on",
  "2026-03-02T07:30:00Z,light.kitchen,off",
  "2026-03-02T07:30:00Z,light.hall,off",
  "2026-03-02T06:00:00Z,binary_sensor.door,on",
];

describe("readSeries", () => {
  it("gives the same series whatever the order of the lines, of what came at one time too", async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "read-series-"));
    t.after(() => rm(folder, { recursive: true }));
    const read = async (lines: readonly string[]) => {
      const path = join(folder, "events.csv");
      await writeFile(path, ["time,entity_id,state", ...lines, ""].join("\n"));
      return readSeries({ path, zone: openZone("UTC") });
    };
    const series = await read(LINES);
    assert.deepEqual(await read(LINES.toReversed()), series);
    assert.deepEqual(
      series.entities.map(({ id }) => id),
      ["binary_sensor.door", "light.hall", "light.kitchen"],
    );
    assert.deepEqual(series.at, series.at.toSorted());
    assert.deepEqual([...series.entity], [0, 1, 2, 1, 2]);
  });
});
