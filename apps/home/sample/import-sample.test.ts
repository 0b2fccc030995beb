import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Database } from "millrace";
import { openSqliteStore } from "millrace/sqlite";
import { createManualClock } from "millrace/testing";
import { openZone } from "../domain/zone.ts";
import { listHomes } from "../events/homes.ts";
import { loadSeries } from "../events/load-series.ts";
import { importSample } from "./import-sample.ts";

const DAY_MS = 86_400_000;
const timezone = "Europe/Amsterdam";

describe("importSample", () => {
  let db: Database;
  let close: () => Promise<void>;
  const clock = createManualClock(Date.UTC(2026, 10, 24, 10, 30));
  before(async () => {
    const store = await openSqliteStore({ directory: ":memory:", clock });
    ({ db } = store);
    close = () => store.close();
    await db.migrate({ owner: "home", directory: new URL("../tables/", import.meta.url) });
  });
  after(() => close());

  it("puts eight weeks into the tables at first, and later only what has happened since", async () => {
    const first = await importSample({ db, clock, seed: 1, timezone });
    assert.deepEqual({ ...first, events: 0 }, { home: "sample", timezone, events: 0, known: 0, skipped: 0 });
    assert.ok(first.events > 15_000 && first.events < 40_000);
    const again = await importSample({ db, clock, seed: 1, timezone });
    assert.deepEqual([again.events, again.known], [0, first.events]);
    await clock.advance(DAY_MS);
    const later = await importSample({ db, clock, seed: 1, timezone });
    assert.ok(later.events > 100 && later.events < 1_500);
    assert.equal(later.known, first.events);

    const series = await loadSeries({ db, home: "sample" });
    const days = Array.from(series.at, (at) => openZone(timezone).local(at).day);
    assert.equal((days.at(-1) ?? 0) - (days[0] ?? 0), 57);
    assert.ok((series.at.at(-1) ?? 0) < clock.now());
    assert.deepEqual(
      (await listHomes({ db })).map(({ name, isSample }) => [name, isSample]),
      [["sample", true]],
    );
  });

  it("keeps its time zone, and gives another seed a home of its own", async () => {
    const moved = await importSample({ db, clock, seed: 1, timezone: "America/New_York" });
    assert.deepEqual([moved.home, moved.timezone], ["sample", timezone]);
    const other = await importSample({ db, clock, seed: 2, timezone });
    assert.deepEqual([other.home, other.known], ["sample-2", 0]);
  });
});
