import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { after, before, describe, it } from "node:test";
import { isErrorCode } from "millrace";
import type { HomeEvent } from "../domain/event.ts";
import { openZone } from "../domain/zone.ts";
import type { ReadItem } from "./item.ts";
import { readEvents } from "./read-events.ts";

const zone = openZone("Europe/Amsterdam");
/** 12:00 in Amsterdam, as local text, in summer. */
const NOON = Date.UTC(2026, 6, 1, 10);

describe("readEvents", () => {
  let folder = "";
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "millrace-events-"));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  async function read(content: string | Buffer, name = "events.txt"): Promise<readonly ReadItem[]> {
    const path = join(folder, name);
    await writeFile(path, content);
    return all(readEvents({ path, zone }));
  }
  async function events(content: string, name?: string): Promise<readonly HomeEvent[]> {
    return (await read(content, name)).flatMap((item) => (item.kind === "event" ? [item.event] : []));
  }
  async function reasons(content: string): Promise<readonly string[]> {
    return (await read(content)).flatMap((item) => (item.kind === "skipped" ? [`${item.line}: ${item.reason}`] : []));
  }
  async function refusal(content: string | Buffer): Promise<string> {
    const error = await read(content).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    assert.ok(isErrorCode(error, "EVENTS_UNREADABLE"));
    assert.equal(error.isRetryable, false);
    assert.ok(error.message.includes(join(folder, "events.txt")));
    return error.message;
  }

  it("reads CSV with columns in any order, quotes, a byte order mark, CRLF and columns of others", async () => {
    const csv =
      '\uFEFFState,attributes,"entity_id",time,area,device_class,cause\r\n' +
      'on,"{""a"": 1, ""b"": 2}",light.hall,2026-07-01T12:00:00,"Hall, ground floor",,user\r\n' +
      "\r\n" +
      "TRUE,,binary_sensor.door,2026-07-01T10:00:01Z,,door,\r\n";
    assert.deepEqual(await events(csv), [
      { at: NOON, entityId: "light.hall", state: "on", area: "Hall, ground floor", cause: "user" },
      { at: NOON + 1_000, entityId: "binary_sensor.door", state: "on", deviceClass: "door" },
    ]);
  });

  it("reads the columns of Home Assistant's own export, and semicolons", async () => {
    const expected = [{ at: NOON, entityId: "light.hall", state: "off" }];
    assert.deepEqual(await events("entity_id,state,last_changed\nlight.hall,off,2026-07-01T10:00:00.000Z\n"), expected);
    assert.deepEqual(await events("entity_id;state;last_updated\nlight.hall;OFF;2026-07-01 12:00:00\n"), expected);
  });

  it("reads CSV without a header in its own order, and leaves blank lines and comments at the top and in between alone", async () => {
    const hall = { at: NOON, entityId: "light.hall" };
    assert.deepEqual(
      await read("2026-07-01T12:00:00;light.hall;on;Hall\n\n# noon\n2026-07-01T12:00:00;light.hall;off\n"),
      [
        { kind: "event", line: 1, event: { ...hall, state: "on", area: "Hall" } },
        { kind: "event", line: 4, event: { ...hall, state: "off" } },
      ],
    );
    assert.deepEqual(
      await read("\n# exported\nTime; Entity ID; State; Area, floor\n2026-07-01T12:00:00;light.hall;on;x\n"),
      [{ kind: "event", line: 4, event: { ...hall, state: "on" } }],
    );
    assert.deepEqual(await events("# wide\ntime,light.hall\n2026-07-01 12:00:00,on\n# end\n"), [
      { ...hall, state: "on" },
    ]);
  });

  it("takes others' words for a cause, and none for one that nobody knows", async () => {
    const causes = ["person", "device", "automation.morning", "Script", "ghost", ""];
    const lines = causes.map((cause, second) => `2026-07-01T12:00:0${second},light.hall,s${second},${cause}`);
    const found = await events(["time,entity_id,state,cause", ...lines].join("\n"));
    assert.deepEqual(
      found.map(({ cause }) => cause),
      ["user", "physical", "automation", "script", undefined, undefined],
    );
  });

  it("skips a line with a zero byte, and reads the rest", async () => {
    assert.deepEqual(await reasons("time,entity_id,state\n2026-07-01T12:00:00,light.hall,o\0n\n"), [
      "2: the state holds control characters",
    ]);
  });

  it("reads NDJSON, and keeps the case of states that are not switches", async () => {
    const lines = [
      { time: "2026-07-01T12:00:00", entity_id: "light.hall", state: true, cause: "automation" },
      { last_changed: "2026-07-01T10:00:00+00:00", entity_id: "person.robin", state: "Home", area: null },
      { time: "2026-07-01T12:00:00", entity_id: "sensor.power", state: 12.5 },
    ];
    assert.deepEqual(await events(lines.map((line) => JSON.stringify(line)).join("\n")), [
      { at: NOON, entityId: "light.hall", state: "on", cause: "automation" },
      { at: NOON, entityId: "person.robin", state: "Home" },
      { at: NOON, entityId: "sensor.power", state: "12.5" },
    ]);
  });

  it("reads a wide CSV, a column for each entity", async () => {
    const csv = "last_changed,light.a,light.b\n2026-07-01 12:00:00.5,True,\n2026-07-01 12:00:01,,False\n";
    assert.deepEqual(await events(csv), [
      { at: NOON + 500, entityId: "light.a", state: "on" },
      { at: NOON + 1_000, entityId: "light.b", state: "off" },
    ]);
  });

  it("reads intervals as a change to on and one to off, half a second apart at least", async () => {
    const text =
      "Start time \tEnd time\tLocation\tType\tPlace\r\n--------\t-----\t----\t----\t----\r\n" +
      "2026-07-01 12:00:00\t\t2026-07-01 12:00:00\t\tSeat\tPressure\tLiving\r\n";
    const seat = { entityId: "binary_sensor.living_seat", area: "Living", deviceClass: "occupancy" };
    assert.deepEqual(await events(text), [
      { ...seat, at: NOON, state: "on" },
      { ...seat, at: NOON + 500, state: "off" },
    ]);
  });

  it("takes names and areas of numbered intervals from the files beside, and their seconds as local", async () => {
    await writeFile(join(folder, "houseX.sensor_names"), "5\tHall door\r\n");
    await writeFile(join(folder, "houseX.meta_features"), "Hall\tHall door\t\r\n");
    const start = Date.UTC(2026, 6, 1, 12) / 1_000;
    const text = `${start}\t10\t5\r\n${start}\t0\t99\r\n`;
    const door = { entityId: "binary_sensor.hall_door", area: "Hall" };
    assert.deepEqual(await events(text, "houseX.sensors"), [
      { ...door, at: NOON, state: "on" },
      { ...door, at: NOON + 10_000, state: "off" },
      { entityId: "binary_sensor.sensor_99", at: NOON, state: "on" },
      { entityId: "binary_sensor.sensor_99", at: NOON + 500, state: "off" },
    ]);
  });

  it("reports what is malformed with its line, and goes on", async () => {
    const csv = [
      "time,entity_id,state,area,device_class,cause",
      "2026-07-01T12:00:00,light.a,on,,,",
      "noon,light.a,on,,,",
      "2026-07-01T12:00:00,,on,,,",
      "2026-07-01T12:00:00,light.a,,,,",
      "2026-07-01T12:00:00,light.k\uFFFDche,on,,,",
      '2026-07-01T12:00:00,"light.a,on',
      `2026-07-01T12:00:00,${"x".repeat(256)},on`,
      "2026-07-01T12:00:00,light.a",
    ].join("\n");
    assert.deepEqual(await reasons(csv), [
      '3: "noon" is not a date and time',
      "4: the entity is missing",
      "5: the state is missing",
      "6: the entity is not written in UTF-8",
      "7: a quoted field is not closed",
      "8: the entity is longer than 255 characters",
      "9: 2 of at least 3 columns",
    ]);
    assert.equal((await read(csv)).length, 8);
  });

  it("reports a line that never ends without holding it", async () => {
    const csv = `time,entity_id,state\n2026-07-01T12:00:00,light.a,${"x".repeat(3_000_000)}\n2026-07-01T12:00:00,light.a,on\n`;
    const items = await read(csv);
    assert.deepEqual(
      items.map((item) => [item.line, item.kind]),
      [
        [2, "skipped"],
        [3, "event"],
      ],
    );
  });

  it("reads the same whatever falls on the border between two parts of the file", async () => {
    const lines = Array.from({ length: 20_000 }, (_, index) => `2026-07-01T12:00:00,light.é${index},on`);
    const found = await events(`time,entity_id,state\n${lines.join("\n")}`);
    assert.deepEqual(
      found.map(({ entityId }) => entityId),
      lines.map((_, index) => `light.é${index}`),
    );
  });

  it("stops when it is told to", async () => {
    const path = join(folder, "stop.csv");
    await writeFile(path, "time,entity_id,state\n2026-07-01T12:00:00,light.a,on\n");
    const signal = AbortSignal.abort(new Error("enough"));
    await assert.rejects(all(readEvents({ path, zone, signal })), /enough/);
  });

  it("says in one sentence why a file cannot be read", async () => {
    assert.match(await refusal(""), /is empty\.$/);
    assert.match(await refusal("\r\n \r\n"), /is empty\.$/);
    assert.match(await refusal("[1, 2]\n"), /starts with "\[1, 2\]", which is none of the layouts that are read\.$/);
    assert.match(await refusal(Buffer.from([0x89, 0x50, 0, 0])), /neither a text in UTF-8/);
    assert.match(await refusal(gzipSync("time,entity_id,state\n")), /gzip: unpack it first/);
    assert.match(await refusal(Buffer.from("PK\x03\x04 and more")), /zip archive or a spreadsheet/);
    assert.match(await refusal(Buffer.from("\uFEFFtime,entity_id,state\n", "utf16le")), /UTF-16: save it as UTF-8/);
    assert.match(await refusal(Buffer.from("time,entity_id,state\n", "utf16le")), /UTF-16: save it as UTF-8/);
    assert.match(await refusal(Buffer.from("SQLite format 3\0 and no more")), /cannot be read/);
    const gone = await all(readEvents({ path: join(folder, "gone"), zone })).catch((error: unknown) => error);
    assert.ok(isErrorCode(gone, "EVENTS_UNREADABLE"));
    assert.match(gone.message, /gone does not exist\.$/);
    const directory = await all(readEvents({ path: folder, zone })).catch((error: unknown) => error);
    assert.ok(isErrorCode(directory, "EVENTS_UNREADABLE"));
    assert.match(directory.message, /not a file but a folder/);
  });
});

async function all(items: AsyncIterable<ReadItem>): Promise<readonly ReadItem[]> {
  const list: ReadItem[] = [];
  for await (const item of items) list.push(item);
  return list;
}
