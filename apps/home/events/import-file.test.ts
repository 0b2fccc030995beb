import assert from "node:assert/strict";
import { appendFile, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, it } from "node:test";
import { type Database, isErrorCode } from "millrace";
import { openSqliteStore } from "millrace/sqlite";
import { createManualClock } from "millrace/testing";
import { importFile, type ImportResult } from "./import-file.ts";
import { findHome, listHomes } from "./homes.ts";
import { loadSeries } from "./load-series.ts";

const clock = createManualClock(Date.UTC(2026, 6, 1));
const timezone = "Europe/Amsterdam";
const HEADER = "time,entity_id,state,area\n";

function line(second: number, state: string, entityId = "light.hall"): string {
  return `2026-07-01T12:00:${String(second).padStart(2, "0")},${entityId},${state},Hall\n`;
}

describe("importFile", () => {
  let folder = "";
  let db: Database;
  let close: () => Promise<void>;
  let count = 0;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "millrace-import-"));
    const store = await openSqliteStore({ directory: ":memory:", clock });
    ({ db } = store);
    close = () => store.close();
    await db.migrate({ owner: "home", directory: new URL("../tables/", import.meta.url) });
  });
  after(async () => {
    await close();
    await rm(folder, { recursive: true, force: true });
  });

  /** A file and a home of its own for each test. */
  async function begin(content: string) {
    const home = `home ${count++}`;
    const path = join(folder, `${home}.csv`);
    await writeFile(path, content);
    return { home, path, run: (): Promise<ImportResult> => importFile({ db, home, path, timezone, clock }) };
  }
  async function statesOf(home: string): Promise<readonly (string | undefined)[]> {
    const series = await loadSeries({ db, home });
    return [...series.state].map((state) => series.states[state]);
  }

  it("adds the events of a file once, however often it is read", async () => {
    const { home, path, run } = await begin(HEADER + line(1, "on") + "noon,light.hall,on,\n" + line(2, "off"));
    const skipped = { skipped: 1, firstSkipped: [{ line: 3, reason: '"noon" is not a date and time' }] };
    assert.deepEqual(await run(), { added: 2, known: 0, ...skipped, entities: 1 });
    assert.deepEqual(await run(), { added: 0, known: 2, ...skipped, entities: 1 });
    await utimes(path, 1, 1);
    assert.deepEqual(await run(), { added: 0, known: 2, ...skipped, entities: 1 });
    await db.write([{ sql: "delete from home_sources" }]);
    assert.deepEqual(await run(), { added: 0, known: 2, ...skipped, entities: 1 });
    assert.deepEqual(await statesOf(home), ["on", "off"]);
  });

  it("reads of a file that has grown only what is new", async () => {
    const { path, run } = await begin(HEADER + line(1, "on") + "x\n");
    await run();
    await db.write([{ sql: "delete from home_events where entity in (select key from home_entities)" }]);
    await appendFile(path, line(3, "off") + "y\n");
    const { added, known, skipped, firstSkipped } = await run();
    assert.deepEqual({ added, known, skipped }, { added: 1, known: 1, skipped: 2 });
    assert.deepEqual(
      firstSkipped.map((entry) => entry.line),
      [3, 5],
    );
  });

  it("counts what a run added before its process died as added by it, and does so once", async () => {
    const lines = Array.from({ length: 9_000 }, (_, at) => `${1_780_000_000 + at},light.hall,s${at % 2},Hall\n`);
    const { home, path } = await begin(HEADER + lines.join(""));
    const kill = new AbortController();
    const read = (runId: string, more: object = {}): Promise<ImportResult> =>
      importFile({ db, home, path, timezone, clock, runId, ...more });
    await assert.rejects(
      read("first", { signal: kill.signal, onProgress: () => kill.abort(new Error("died")) }),
      /died/,
    );
    const there = (await listHomes({ db })).find(({ name }) => name === home)?.events ?? 0;
    assert.ok(there > 0 && there < 9_000, `${there}`);
    assert.partialDeepStrictEqual(await read("first"), { added: 9_000, known: 0 });
    // Killed between the end of the reading and the note that it ended.
    assert.partialDeepStrictEqual(await read("first"), { added: 9_000, known: 0 });
    assert.partialDeepStrictEqual(await read("second"), { added: 0, known: 9_000 });
    await appendFile(path, line(5, "on"));
    assert.partialDeepStrictEqual(await read("third"), { added: 1, known: 9_000 });
  });

  it("reads a file again whose content changed under the same size and time", async () => {
    const { path, run } = await begin(HEADER + line(1, "on"));
    await utimes(path, 1_000, 1_000);
    await run();
    await writeFile(path, HEADER + line(2, "on"));
    await utimes(path, 1_000, 1_000);
    assert.partialDeepStrictEqual(await run(), { added: 1 });
  });

  it("reads a file whole when what was read before has changed", async () => {
    const { home, path, run } = await begin(HEADER + line(1, "on") + line(2, "off"));
    await run();
    await writeFile(path, HEADER + line(1, "on") + line(4, "off", "light.attic") + line(5, "on", "light.attic"));
    const { added, known } = await run();
    assert.deepEqual({ added, known }, { added: 2, known: 1 });
    assert.deepEqual(await statesOf(home), ["on", "off", "off", "on"]);
  });

  it("reads a file whole that has become shorter", async () => {
    const { path, run } = await begin(HEADER + line(1, "on") + line(2, "off"));
    await run();
    await writeFile(path, HEADER + line(1, "on"));
    const { added, known, skipped } = await run();
    assert.deepEqual({ added, known, skipped }, { added: 0, known: 1, skipped: 0 });
  });

  it("looks again at a last line that was still in the writing", async () => {
    const { home, path, run } = await begin(HEADER + line(1, "on") + line(2, "of").trim().slice(0, -5));
    assert.equal((await run()).added, 2);
    assert.deepEqual(await statesOf(home), ["on", "of"]);
    await appendFile(path, "f,Hall\n");
    const { added, known } = await run();
    assert.deepEqual({ added, known }, { added: 1, known: 1 });
    assert.deepEqual(await statesOf(home), ["on", "off"]);
  });

  it("forgets that a last line was malformed once it is whole", async () => {
    const whole = line(2, "off");
    const { path, run } = await begin(HEADER + line(1, "on") + whole.slice(0, 12));
    const { added, skipped, firstSkipped } = await run();
    assert.deepEqual({ added, skipped, line: firstSkipped[0]?.line }, { added: 1, skipped: 1, line: 3 });
    await appendFile(path, whole.slice(12));
    assert.deepEqual(await run(), { added: 1, known: 1, skipped: 0, firstSkipped: [], entities: 1 });
  });

  it("keeps a whole last line without an end when the file grows", async () => {
    const { home, path, run } = await begin(HEADER + line(1, "on").trim());
    assert.equal((await run()).added, 1);
    await appendFile(path, `\n${line(2, "off").trim()}`);
    const { added, known } = await run();
    assert.deepEqual({ added, known }, { added: 1, known: 1 });
    assert.deepEqual(await statesOf(home), ["on", "off"]);
  });

  it("goes on in a recorder database after the last row it has seen", async () => {
    const path = join(folder, "recorder.db");
    const recorder = new DatabaseSync(path);
    recorder.exec(`
      create table states_meta (metadata_id integer primary key, entity_id text);
      create table states (state_id integer primary key, state text, metadata_id integer, last_updated_ts real);
      insert into states_meta values (1, 'light.hall');
      insert into states values (1, 'on', 1, 1000), (2, 'off', 1, 1001);`);
    const run = () => importFile({ db, home: "recorder", path, timezone, clock });
    assert.equal((await run()).added, 2);
    // The first has the state of the row before: no change, although this reading has not seen that row.
    recorder.exec("insert into states values (3, 'off', 1, 1002), (4, 'on', 1, 1003)");
    const { added, known } = await run();
    assert.deepEqual({ added, known }, { added: 1, known: 2 });
    recorder.exec("delete from states where state_id <= 4; insert into states values (5, 'off', 1, 1004)");
    recorder.close();
    assert.equal((await run()).added, 1);
  });

  it("reads one home under one time zone only, and says which", async () => {
    const { home, path } = await begin(HEADER + line(1, "on"));
    await importFile({ db, home, path, timezone, clock });
    const error = await importFile({ db, home, path, timezone: "UTC", clock }).catch((thrown: unknown) => thrown);
    assert.ok(isErrorCode(error, "INPUT_INVALID"));
    assert.match(error.message, /Europe\/Amsterdam/);
    assert.match(error.advice, /--timezone Europe\/Amsterdam.*another name/);
  });

  it("founds no home for a file that cannot be read or a zone that is not known", async () => {
    const path = join(folder, "gone.csv");
    const gone = await importFile({ db, home: "nobody", path, timezone, clock }).catch((thrown: unknown) => thrown);
    assert.ok(isErrorCode(gone, "EVENTS_UNREADABLE"));
    const zone = await importFile({ db, home: "nobody", path, timezone: "Mars", clock }).catch(
      (thrown: unknown) => thrown,
    );
    assert.ok(isErrorCode(zone, "TIMEZONE_INVALID"));
    assert.equal(await findHome(db, "nobody"), undefined);
  });

  it("keeps what is known of an entity, and learns what is not", async () => {
    const { home, path, run } = await begin("time,entity_id,state\n2026-07-01T12:00:00,light.hall,on\n");
    await run();
    await writeFile(path, HEADER + line(1, "on"));
    await run();
    await writeFile(path, HEADER + line(1, "on").replace("Hall", "Attic") + line(2, "off"));
    await run();
    const series = await loadSeries({ db, home });
    assert.deepEqual(series.entities, [{ id: "light.hall", area: "Hall", deviceClass: null }]);
  });

  it("reports its progress, and stops when it is told to", async () => {
    const lines = Array.from({ length: 12_000 }, (_, index) => line(index % 60, `state ${index}`));
    const { home, path } = await begin(HEADER + lines.join(""));
    const stop = new AbortController();
    const seen: number[] = [];
    const interrupted = importFile({
      db,
      home,
      path,
      timezone,
      clock,
      signal: stop.signal,
      onProgress: ({ events, fraction }) => {
        seen.push(events);
        assert.ok(fraction > 0 && fraction < 1);
        stop.abort(new Error("enough"));
      },
    });
    await assert.rejects(interrupted, /enough/);
    assert.equal(seen.length, 1);
    const { added, known } = await importFile({ db, home, path, timezone, clock });
    assert.deepEqual([added + known, known], [12_000, seen[0]]);
  });

  it("lists the homes with what they hold", async () => {
    const { home, run } = await begin(HEADER + line(1, "on") + line(2, "off", "light.attic"));
    await run();
    const found = (await listHomes({ db })).find(({ name }) => name === home);
    const { key: _, ...facts } = found ?? { key: 0 };
    const firstEventAt = Date.UTC(2026, 6, 1, 10, 0, 1);
    assert.deepEqual(facts, {
      name: home,
      timezone,
      isSample: false,
      keptSince: 0,
      events: 2,
      entities: 2,
      firstEventAt,
      lastEventAt: firstEventAt + 1_000,
    });
  });
});
