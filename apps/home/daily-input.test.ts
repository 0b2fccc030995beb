import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { after, before, describe, it } from "node:test";
import { type DailyInput, dailyInput, homeOfFile } from "./daily-input.ts";

describe("the input of home.daily", () => {
  let folder = "";
  let file = "";
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "millrace-input-"));
    file = join(folder, "Living Room (2026).csv");
    writeFileSync(file, "");
  });
  after(() => rmSync(folder, { recursive: true }));

  function knownZone({ home }: DailyInput): Promise<string | undefined> {
    return Promise.resolve(home === "known" ? "Europe/Amsterdam" : undefined);
  }

  async function mistakes(input: unknown, hasHome = true): Promise<readonly string[]> {
    const result = await dailyInput({ hasHome, knownZone })["~standard"].validate(input);
    return (result.issues ?? []).map(({ path, message }) => `/${(path ?? []).map(String).join("/")} ${message}`);
  }

  it("may be left out when a home is configured", async () => {
    assert.deepEqual(await mistakes(undefined), []);
    assert.deepEqual(await mistakes({}), []);
    assert.deepEqual(await mistakes(undefined, false), [
      "/events Give the path of an event file: the configuration names none",
    ]);
  });

  it("names every mistake by its field", async () => {
    assert.deepEqual(await mistakes({ events: join(folder, "none"), timezone: "Mars/Olympus", tz: "UTC" }), [
      '/timezone "Mars/Olympus" is not a known time zone: give an IANA name, for example Europe/Amsterdam',
      "/tz is not a field of this input: known are events, timezone and home",
      `/events There is no file ${join(folder, "none")}`,
    ]);
    assert.deepEqual(await mistakes({ events: folder }), [`/events ${folder} is not a file`]);
    assert.deepEqual(await mistakes({ home: "mine" }), [
      "/home A home is named together with its file, unless it has a Home Assistant: give events as well",
    ]);
  });

  it("refuses another time zone than the one a home was read in", async () => {
    assert.deepEqual(await mistakes({ events: file, home: "known", timezone: "UTC" }), [
      "/timezone This home was read in the time zone Europe/Amsterdam: leave it out, or give the home another name",
    ]);
    assert.deepEqual(await mistakes({ events: file, home: "known", timezone: "Europe/Amsterdam" }), []);
    assert.deepEqual(await mistakes({ events: file, home: "new", timezone: "UTC" }), []);
  });

  it("makes the path absolute", async () => {
    const result = await dailyInput({ hasHome: true, knownZone })["~standard"].validate({
      events: relative(process.cwd(), file),
    });
    assert.deepEqual(result, { value: { events: file } });
  });
});

describe("homeOfFile", () => {
  it("gives one home to one file and another to a file of the same name elsewhere", () => {
    assert.match(homeOfFile("/a/Living Room (2026).csv"), /^living-room-2026-[0-9a-f]{8}$/);
    assert.equal(homeOfFile("/a/x.csv"), homeOfFile("/a/b/../x.csv"));
    assert.notEqual(homeOfFile("/a/x.csv"), homeOfFile("/b/x.csv"));
    assert.match(homeOfFile("/a/家.csv"), /^home-[0-9a-f]{8}$/);
  });
});
