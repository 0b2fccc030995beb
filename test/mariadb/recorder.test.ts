import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, it } from "node:test";
import { dailyInput } from "../../apps/home/daily-input.ts";
import type { HomeEvent } from "../../apps/home/domain/event.ts";
import { openZone } from "../../apps/home/domain/zone.ts";
import { importFile, type ImportResult } from "../../apps/home/events/import-file.ts";
import { readEvents } from "../../apps/home/ingest/read-events.ts";
import { MillraceError } from "../../src/core/errors.ts";
import { createManualClock } from "../../src/core/manual-clock.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { NOON, rows } from "../postgres/recorder-rows.ts";
import { missingMariadb, startTestMariadb, type TestMariadb } from "./test-mariadb.ts";

/** As Home Assistant 2024.3 makes them on MariaDB. What is CHAR(0) is left over from older versions. */
const STATES = `
  entity_id CHAR(0), state VARCHAR(255), attributes CHAR(0), event_id SMALLINT, last_changed CHAR(0),
  last_changed_ts DOUBLE PRECISION, last_updated CHAR(0), last_updated_ts DOUBLE PRECISION, old_state_id BIGINT,
  attributes_id BIGINT, context_id CHAR(0), context_user_id CHAR(0), context_parent_id CHAR(0), origin_idx SMALLINT,
  context_id_bin TINYBLOB, context_user_id_bin TINYBLOB, context_parent_id_bin TINYBLOB, metadata_id BIGINT`;
const EVENTS = `
  event_type CHAR(0), event_data CHAR(0), origin CHAR(0), origin_idx SMALLINT, time_fired CHAR(0),
  time_fired_ts DOUBLE PRECISION, context_id CHAR(0), context_user_id CHAR(0), context_parent_id CHAR(0), data_id BIGINT,
  context_id_bin TINYBLOB, context_user_id_bin TINYBLOB, context_parent_id_bin TINYBLOB, event_type_id BIGINT`;

function tables(id: string): string {
  return `
    CREATE TABLE states (state_id ${id}, ${STATES});
    CREATE TABLE states_meta (metadata_id ${id}, entity_id VARCHAR(255));
    CREATE TABLE events (event_id ${id}, ${EVENTS});
    CREATE TABLE event_types (event_type_id ${id}, event_type VARCHAR(64));
    insert into states_meta (metadata_id, entity_id) values (1, 'light.hall'), (2, 'lock.door');
    insert into event_types (event_type_id, event_type) values (1, 'automation_triggered'), (2, 'script_started'), (3, 'homeassistant_start');`;
}

/** Before version 41: names and times stand in the states themselves, in UTC. */
const OLD_TABLES = `
  CREATE TABLE states (state_id INTEGER AUTO_INCREMENT PRIMARY KEY, domain VARCHAR(64), entity_id VARCHAR(255),
    state VARCHAR(255), last_changed DATETIME(6), last_updated DATETIME(6), context_id VARCHAR(36),
    context_user_id VARCHAR(36));
  CREATE TABLE events (event_id INTEGER AUTO_INCREMENT PRIMARY KEY, event_type VARCHAR(64), time_fired DATETIME(6),
    context_id VARCHAR(36));
  insert into events (event_type, time_fired, context_id) values ('automation_triggered', '2026-07-01 12:00:08', 'aa');
  insert into states (entity_id, state, last_changed, last_updated, context_id, context_user_id) values
    ('light.hall', 'on', '2026-07-01 12:00:00.250', '2026-07-01 12:00:00.250', 'x', 'somebody'),
    ('light.hall', 'on', '2026-07-01 12:00:00.250', '2026-07-01 12:00:05', 'y', null),
    ('light.hall', 'off', '2026-07-01 12:00:09', '2026-07-01 12:00:09', 'aa', null);`;

const skip = missingMariadb(process.env) ?? false;
const zone = openZone("Europe/Amsterdam");

describe("a recorder database on MariaDB", { skip }, () => {
  let server: TestMariadb;
  let folder = "";
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "millrace-recorder-"));
    server = await startTestMariadb(process.env);
    await server.client.query(`
      create database home; use home; ${tables("BIGINT AUTO_INCREMENT PRIMARY KEY")} ${rows((hex) => `x'${hex}'`)}
      create user 'reader'@'127.0.0.1' identified by 'only reads';
      create user 'reader'@'localhost' identified by 'only reads';
      grant select on home.* to 'reader'@'127.0.0.1'; grant select on home.* to 'reader'@'localhost';
      create database old; use old; ${OLD_TABLES}
      create database other; use home;`);
  });
  after(async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const addressOf = (database: string, user = "root"): string => `mysql://${user}@127.0.0.1:${server.port}/${database}`;

  async function eventsAt(path: string): Promise<readonly HomeEvent[]> {
    const events: HomeEvent[] = [];
    for await (const item of readEvents({ path, zone })) if (item.kind === "event") events.push(item.event);
    return events;
  }

  async function failureOf(work: Promise<unknown>): Promise<MillraceError> {
    const error = await work.catch((thrown: unknown) => thrown);
    assert.ok(error instanceof MillraceError, String(error));
    return error;
  }

  it("says the same as one on SQLite with the same rows", async () => {
    const path = join(folder, "home-assistant_v2.db");
    const database = new DatabaseSync(path);
    database.exec(tables("INTEGER PRIMARY KEY") + rows((hex) => `x'${hex}'`));
    database.close();
    const events = await eventsAt(addressOf("home"));
    assert.equal(events.length, 7);
    assert.deepEqual(events, await eventsAt(path));
    const asHomeAssistantWritesIt = addressOf("home").replace("mysql:", "mysql+pymysql:");
    assert.deepEqual(await eventsAt(`${asHomeAssistantWritesIt}?charset=utf8mb4`), events);
  });

  it("is read on from where the last reading ended, with reading rights alone, and its password is kept nowhere", async () => {
    const store = await openSqliteStore({ directory: ":memory:", clock: createManualClock() });
    try {
      const { db } = store;
      await db.migrate({ owner: "home", directory: new URL("../../apps/home/tables/", import.meta.url) });
      const path = addressOf("home", "reader:only%20reads").replace("mysql:", "mariadb:");
      const clock = createManualClock();
      const read = (): Promise<ImportResult> =>
        importFile({ db, clock, home: "h", path, timezone: "Europe/Amsterdam" });
      assert.partialDeepStrictEqual(await read(), { added: 7, known: 0 });
      assert.partialDeepStrictEqual(await read(), { added: 0, known: 7 });
      await server.client.query(
        `insert into states (state_id, last_updated_ts, state, metadata_id) values (10, ${NOON + 80}, 'locked', 2), (11, ${NOON + 90}, 'unlocked', 2)`,
      );
      assert.partialDeepStrictEqual(await read(), { added: 1, known: 7 });
      const sources = await db.all("select path from home_sources");
      assert.equal(sources.length, 1);
      assert.match(String(sources[0]?.["path"]), /^mariadb:\/\/reader@/);
      assert.doesNotMatch(JSON.stringify(sources), /only(?: |%20)reads/);
    } finally {
      await store.close();
    }
  });

  it("of an old Home Assistant has its times in the states", async () => {
    assert.deepEqual(await eventsAt(addressOf("old")), [
      { at: NOON * 1_000 + 250, entityId: "light.hall", state: "on", cause: "user" },
      { at: NOON * 1_000 + 9_000, entityId: "light.hall", state: "off", cause: "automation" },
    ]);
  });

  it("that is another one's, away or locked is refused with what to do, and no password in it", async () => {
    const other = await failureOf(eventsAt(addressOf("other")));
    assert.equal(other.code, "EVENTS_UNREADABLE");
    assert.match(other.message, /no table of states/);
    const away = await failureOf(eventsAt("mariadb://me:hush@127.0.0.1:1/home"));
    assert.deepEqual([away.code, away.isRetryable], ["EVENTS_UNREADABLE", true]);
    const locked = await failureOf(eventsAt(addressOf("home", "reader:hush")));
    assert.deepEqual([locked.code, locked.isRetryable], ["EVENTS_UNREADABLE", false]);
    const gone = await failureOf(eventsAt(addressOf("nothing_there")));
    assert.equal(gone.isRetryable, false);
    for (const { message, facts, advice } of [other, away, locked, gone]) {
      assert.doesNotMatch(JSON.stringify([message, facts, advice]), /hush/);
    }
    const schema = dailyInput({ hasHome: true, knownZone: () => Promise.resolve(undefined) });
    const { issues } = await schema["~standard"].validate({ events: "mysql://me:hush@db/home" });
    assert.match(issues?.[0]?.message ?? "", /MILLRACE_HOME_EVENTS/);
  });
});
