import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import type { HomeEvent } from "../domain/event.ts";
import { openZone } from "../domain/zone.ts";
import type { ReadItem } from "./item.ts";
import { readEvents } from "./read-events.ts";

const DATA = new URL("../../../../shared/data/home/", import.meta.url);
const skip = existsSync(DATA) ? false : "the recordings of shared/data/home are not beside this checkout";
const zone = openZone("Europe/Amsterdam");

interface Counts {
  readonly events: number;
  /** After dropping what repeats an entity's state. */
  readonly changes: number;
  readonly entities: number;
  readonly skipped: number;
}

const EXPECTED: Readonly<Record<string, Counts>> = {
  "ordonez/OrdonezA_Sensors.txt": { events: 818, changes: 818, entities: 12, skipped: 0 },
  "ordonez/OrdonezA_ADLs.txt": { events: 490, changes: 490, entities: 9, skipped: 3 },
  "ordonez/OrdonezB_Sensors.txt": { events: 4_668, changes: 4_666, entities: 12, skipped: 0 },
  "ordonez/OrdonezB_ADLs.txt": { events: 986, changes: 984, entities: 10, skipped: 0 },
  "hass-data-detective-analysis/sensors_binary.csv": { events: 75_561, changes: 73_947, entities: 10, skipped: 0 },
  // 1,560 rows: one entity is only ever unknown, and repeats are no changes.
  "hass-data-detective-analysis/home-assistant_v2.db": { events: 1_551, changes: 1_551, entities: 9, skipped: 0 },
  "hass-data-detective/test.db": { events: 9, changes: 9, entities: 9, skipped: 0 },
  "kasteren/houseA.sensors": { events: 2_458, changes: 2_458, entities: 14, skipped: 0 },
  "kasteren/houseA.activities": { events: 518, changes: 518, entities: 8, skipped: 0 },
  "kasteren/houseB.sensors": { events: 38_150, changes: 38_108, entities: 23, skipped: 0 },
  "kasteren/houseC.sensors": { events: 45_400, changes: 45_398, entities: 21, skipped: 0 },
  "casas-cil-tm000.txt": { events: 21_968, changes: 21_968, entities: 22, skipped: 0 },
};

describe("the recordings of real homes", { skip }, () => {
  for (const [name, counts] of Object.entries(EXPECTED)) {
    it(`gives all of ${name}`, async () => {
      const events: HomeEvent[] = [];
      let skipped = 0;
      for await (const item of readEvents({ path: fileURLToPath(new URL(name, DATA)), zone })) {
        if (item.kind === "event") events.push(item.event);
        else skipped += 1;
      }
      const entities = new Set(events.map(({ entityId }) => entityId)).size;
      assert.deepEqual({ events: events.length, changes: changesIn(events), entities, skipped }, counts);
    });
  }

  it("takes the seconds of the numbered intervals as the clock on the wall", async () => {
    const path = fileURLToPath(new URL("kasteren/houseA.sensors", DATA));
    const [first] = await all(readEvents({ path, zone }));
    assert.ok(first?.kind === "event");
    assert.equal(new Date(first.event.at).toISOString(), "2008-02-24T23:20:14.000Z");
  });
});

function changesIn(events: readonly HomeEvent[]): number {
  const stateOf = new Map<string, string>();
  let changes = 0;
  for (const { entityId, state } of events.toSorted(inOrder)) {
    if (stateOf.get(entityId) !== state) changes += 1;
    stateOf.set(entityId, state);
  }
  return changes;
}

/** An interval may begin at the instant at which the one before ends: off comes first. */
function inOrder(a: HomeEvent, b: HomeEvent): number {
  return a.at - b.at || (a.state < b.state ? -1 : 1);
}

async function all(items: AsyncIterable<ReadItem>): Promise<readonly ReadItem[]> {
  const list: ReadItem[] = [];
  for await (const item of items) list.push(item);
  return list;
}
