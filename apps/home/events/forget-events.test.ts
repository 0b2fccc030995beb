import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type Database, text } from "millrace";
import { openSqliteStore } from "millrace/sqlite";
import { createManualClock } from "millrace/testing";
import { FIRST_TOO_OLD, forgetEvents } from "./forget-events.ts";
import { importFile } from "./import-file.ts";
import { loadSeries } from "./load-series.ts";

const clock = createManualClock(Date.UTC(2026, 6, 1));

describe("forgetEvents", () => {
  let folder = "";
  let db: Database;
  let close: () => Promise<void>;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "millrace-forget-"));
    const store = await openSqliteStore({ directory: ":memory:", clock });
    ({ db } = store);
    close = () => store.close();
    await db.migrate({ owner: "home", directory: new URL("../tables/", import.meta.url) });
  });
  after(async () => {
    await close();
    await rm(folder, { recursive: true, force: true });
  });

  async function read(home: string, name: string, seconds: readonly number[]): Promise<number> {
    const path = join(folder, name);
    const lines = seconds.map((second) => `${1_780_000_000 + second},light.hall,s${second}\n`);
    await writeFile(path, `time,entity_id,state\n${lines.join("")}`);
    return (await importFile({ db, home, path, timezone: "UTC", clock })).added;
  }
  async function statesOf(home: string): Promise<readonly string[]> {
    return (await loadSeries({ db, home })).states;
  }

  it("keeps the youngest events, and does not take the forgotten ones back from another file", async () => {
    await read("other", "other.csv", [1, 2, 3, 4]);
    await read("mine", "one.csv", [1, 2, 3, 4, 5, 6]);
    assert.equal(await forgetEvents({ db, home: "mine", most: 6 }), 0);
    assert.equal(await forgetEvents({ db, home: "mine", most: 4 }), 2);
    assert.deepEqual(await statesOf("mine"), ["s3", "s4", "s5", "s6"]);
    assert.equal(await read("mine", "two.csv", [0, 1, 2, 3, 7]), 1);
    assert.equal(await forgetEvents({ db, home: "mine", most: 4 }), 1);
    assert.deepEqual(await statesOf("mine"), ["s4", "s5", "s6", "s7"]);
    assert.deepEqual(await statesOf("other"), ["s1", "s2", "s3", "s4"]);
  });

  it("finds the border by the index", async () => {
    const plan = (await db.all(`explain query plan ${FIRST_TOO_OLD}`, { home: 1, most: 10 }))
      .map((row) => text(row, "detail"))
      .join("; ");
    assert.match(plan, /COVERING INDEX home_events_in_time/, plan);
    assert.doesNotMatch(plan, /TEMP B-TREE/, plan);
  });
});
