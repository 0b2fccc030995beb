import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { HomeEvent } from "../../domain/event.ts";
import { openZone } from "../../domain/zone.ts";
import { isErrorCode } from "millrace";
import type { ReadItem } from "../item.ts";
import { readEvents } from "../read-events.ts";

const zone = openZone("Europe/Amsterdam");
const NOON = Date.UTC(2026, 6, 1, 12);

const NEW_TABLES = `
  create table states_meta (metadata_id integer primary key, entity_id text);
  create table states (state_id integer primary key, entity_id text, state text, metadata_id integer,
    last_updated_ts real, last_changed_ts real, context_id_bin blob, context_user_id_bin blob, context_parent_id_bin blob);
  create table event_types (event_type_id integer primary key, event_type text);
  create table events (event_id integer primary key, event_type_id integer, time_fired_ts real, context_id_bin blob);
  insert into states_meta values (1, 'light.hall'), (2, 'light.porch');
  insert into event_types values (1, 'automation_triggered'), (2, 'script_started'), (3, 'homeassistant_start');`;

const OLD_TABLES = `
  create table states (state_id integer primary key, domain text, entity_id text, state text, attributes text,
    last_changed text, last_updated text, context_id text, context_user_id text);
  create table events (event_id integer primary key, event_type text, time_fired text, context_id text);`;

describe("a recorder database", () => {
  let folder = "";
  let count = 0;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "millrace-recorder-"));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  function create(sql: string): { readonly path: string; readonly database: DatabaseSync } {
    const path = join(folder, `${count++}.db`);
    const database = new DatabaseSync(path);
    database.exec(sql);
    return { path, database };
  }
  async function eventsIn(path: string): Promise<readonly HomeEvent[]> {
    const items = await all(readEvents({ path, zone }));
    return items.flatMap((item) => (item.kind === "event" ? [item.event] : []));
  }

  it("tells people, automations, scripts, switches and starts apart", async () => {
    const { path, database } = create(NEW_TABLES);
    const seconds = NOON / 1_000;
    database.exec(`
      insert into events values (1, 3, ${seconds - 1}, null), (2, 1, ${seconds + 20}, x'aa'), (3, 2, ${seconds + 30}, x'bb');
      insert into states (state_id, state, metadata_id, last_updated_ts, context_id_bin, context_user_id_bin, context_parent_id_bin)
      values (1, 'off', 1, ${seconds}, x'01', null, null), (2, 'on', 1, ${seconds + 10}, x'02', x'ff', null),
        (3, 'off', 1, ${seconds + 20}, x'aa', null, null), (4, 'on', 1, ${seconds + 30}, x'bb', null, null),
        (5, 'off', 1, ${seconds + 40}, x'05', null, x'02'), (6, 'on', 1, ${seconds + 50}, x'06', null, null);`);
    database.close();
    assert.deepEqual(
      (await eventsIn(path)).map(({ at, state, cause }) => [at - NOON, state, cause]),
      [
        [0, "off", "startup"],
        [10_000, "on", "user"],
        [20_000, "off", "automation"],
        [30_000, "on", "script"],
        [40_000, "off", "automation"],
        [50_000, "on", "physical"],
      ],
    );
  });

  it("leaves out gaps, repeats and rows of attributes", async () => {
    const { path, database } = create(NEW_TABLES);
    const seconds = NOON / 1_000;
    database.exec(`
      insert into states (state_id, state, metadata_id, last_updated_ts, last_changed_ts)
      values (1, 'on', 1, ${seconds}, null), (2, 'unavailable', 1, ${seconds + 1}, null), (3, 'on', 1, ${seconds + 2}, null),
        (4, 'on', 1, ${seconds + 3}, ${seconds + 2}), (5, '', 1, ${seconds + 4}, null), (6, null, 1, ${seconds + 5}, null),
        (7, 'unknown', 1, ${seconds + 6}, null), (8, 'off', 1, ${seconds + 7}, ${seconds + 7}), (9, 'off', null, ${seconds + 8}, null);`);
    database.close();
    const items = await all(readEvents({ path, zone }));
    assert.deepEqual(
      items.map((item) => (item.kind === "event" ? item.event.state : `${item.line}: ${item.reason}`)),
      ["on", "off", "9: the row names no entity"],
    );
  });

  it("reads the old layout, whose times are text in UTC", async () => {
    const { path, database } = create(OLD_TABLES);
    database.exec(`
      insert into events values (1, 'automation_triggered', '2026-07-01 12:00:01.000000', 'aa');
      insert into states values (1, 'light', 'light.hall', 'on', '{}', '2026-07-01 12:00:00.250000', '2026-07-01 12:00:00.250000', 'x', 'somebody'),
        (2, 'light', 'light.hall', 'on', '{"b": 1}', '2026-07-01 12:00:00.250000', '2026-07-01 12:00:05.000000', 'y', null),
        (3, 'light', 'light.hall', 'off', '{}', '2026-07-01 12:00:09.000000', '2026-07-01 12:00:09.000000', 'aa', null);`);
    database.close();
    assert.deepEqual(await eventsIn(path), [
      { at: NOON + 250, entityId: "light.hall", state: "on", cause: "user" },
      { at: NOON + 9_000, entityId: "light.hall", state: "off", cause: "automation" },
    ]);
  });

  it("reads what a running Home Assistant has not moved to the main file yet", async () => {
    const { path, database } = create(`pragma journal_mode = wal; ${NEW_TABLES}`);
    database.exec(
      `insert into states (state_id, state, metadata_id, last_updated_ts) values (1, 'on', 1, ${NOON / 1_000})`,
    );
    assert.equal((await eventsIn(path)).length, 1);
    database.close();
  });

  it("leaves no file beside a database that nobody writes", async () => {
    const { path, database } = create(`pragma journal_mode = wal; ${NEW_TABLES}`);
    database.close();
    await eventsIn(path);
    assert.deepEqual(
      [`${path}-wal`, `${path}-shm`].filter((file) => existsSync(file)),
      [],
    );
  });

  it("refuses a database of something else", async () => {
    const { path, database } = create("create table songs (title text)");
    database.close();
    const error = await eventsIn(path).catch((thrown: unknown) => thrown);
    assert.ok(isErrorCode(error, "EVENTS_UNREADABLE"));
    assert.match(error.message, /without a table of states/);
  });
});

async function all(items: AsyncIterable<ReadItem>): Promise<readonly ReadItem[]> {
  const list: ReadItem[] = [];
  for await (const item of items) list.push(item);
  return list;
}
