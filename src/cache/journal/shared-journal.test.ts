import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createManualClock } from "../../core/manual-clock.ts";
import type { Invalidation, JournalRecord } from "../contract.ts";
import { evictKey, evictPattern, evictTag, textOf } from "../level-contract/journal.ts";
import { createMirror } from "./mirror.ts";
import { createSharedJournal } from "./shared-journal.ts";

/** A storage in memory that can be away: the thing itself is judged by the suite, on SQLite and Redis. */
function openStorage() {
  const clock = createManualClock(Date.UTC(2026, 0, 1));
  const records: JournalRecord[] = [];
  const links: string[] = [];
  let isAway = false;
  let position = 100;
  let horizon = 100;
  const journal = createSharedJournal({
    clock,
    pollMs: 1_000,
    storage: {
      async append(invalidations: readonly Invalidation[]) {
        if (isAway) throw new Error("away");
        for (const { mode, scope } of invalidations) records.push({ mode, scope, position: ++position });
      },
      async link(tag, dependencies) {
        if (isAway) throw new Error("away");
        links.push(`${tag} on ${dependencies.join()}`);
      },
      async read(after) {
        if (isAway) throw new Error("away");
        return { position, horizon, records: records.filter((record) => record.position > after) };
      },
    },
  });
  return {
    clock,
    journal,
    links,
    stored: () => records.map(textOf),
    setAway: (value: boolean) => (isAway = value),
    lose: () => {
      position += 1_000;
      horizon = position;
      records.length = 0;
      links.length = 0;
    },
  };
}

describe("a journal whose storage is away", () => {
  it("holds in this process at once, tells the caller, and stores everything in order when it is back", async () => {
    const { clock, journal, stored, setAway } = openStorage();
    await journal.sync();
    await journal.link("page", ["row"]);
    setAway(true);
    const position = journal.position();
    const late = [journal.append([evictKey("a"), evictTag("row")]), journal.append([evictKey("b")])].map((append) =>
      assert.rejects(append, { code: "CACHE_UNREACHABLE" }),
    );
    await clock.advance(0);
    assert.ok(journal.tagPosition("page", "evict") > position, "what depends on it does not hold here");
    assert.ok(["a", "b"].every((key) => journal.keyPosition(key, "evict") > position));
    assert.equal(journal.position(), position);
    await clock.advance(500);
    await Promise.all(late);
    setAway(false);
    await clock.advance(5_000);
    assert.deepEqual(stored(), ["a", "row", "b"]);
    assert.ok(journal.position() > position);
    await journal.close();
  });

  it("links at once here, and stores the link when the storage is back; one that lost all has its links back first", async () => {
    const { clock, journal, links, setAway, lose } = openStorage();
    await journal.sync();
    await journal.link("page", ["row"]);
    await journal.link("page", ["row"]);
    assert.deepEqual(links, ["page on row"]);
    setAway(true);
    const linked = journal.link("book", ["page", "row"]);
    await clock.advance(500);
    await linked;
    setAway(false);
    await clock.advance(5_000);
    assert.deepEqual(links, ["page on row", "book on page,row"]);
    lose();
    journal.subscribe(({ kind }) => assert.deepEqual([kind, links.length], ["reset", 2]));
    await journal.sync();
    assert.deepEqual(links, ["page on row", "book on row,page"]);
    await journal.close();
  });

  it("keeps what it could not store in force when others' news come, also after a loss", async () => {
    const { clock, journal, setAway, lose } = openStorage();
    await journal.sync();
    setAway(true);
    const late = assert.rejects(journal.append([evictKey("k")]), { code: "CACHE_UNREACHABLE" });
    await clock.advance(500);
    await late;
    setAway(false);
    lose();
    await journal.sync();
    assert.ok(journal.keyPosition("k", "evict") > journal.position());
    await journal.close();
  });

  it("stores once what a caller asked for again and again meanwhile", async () => {
    const { clock, journal, stored, setAway } = openStorage();
    setAway(true);
    for (let times = 0; times < 30; times++) {
      const late = assert.rejects(journal.append([evictKey("k"), evictPattern("p:**")]), { code: "CACHE_UNREACHABLE" });
      await clock.advance(500);
      await late;
    }
    setAway(false);
    await clock.advance(5_000);
    assert.deepEqual(stored(), ["k", "p:**"]);
    await journal.close();
  });

  it("evicts everything rather than lose one of too many", async () => {
    const { clock, journal, stored, setAway } = openStorage();
    setAway(true);
    const many = Array.from({ length: 10_001 }, (_, n) => evictKey(`k${n}`));
    const late = assert.rejects(journal.append(many), { code: "CACHE_UNREACHABLE" });
    await clock.advance(500);
    await late;
    setAway(false);
    await clock.advance(5_000);
    assert.deepEqual(stored(), ["**"]);
    await journal.close();
  });
});

describe("the mirror of a journal", () => {
  it("forgets the oldest past its bound, and then takes unknown tags for invalidated that late", () => {
    const mirror = createMirror({ maxRecords: 10, start: { position: 0, horizon: 0, records: [] } });
    for (let position = 1; position <= 50; position++) {
      mirror.apply([{ ...evictTag(`t${position}`), position }], position);
    }
    assert.equal(mirror.tagPosition("t50", "evict"), 50);
    assert.equal(mirror.tagPosition("t1", "evict"), 40);
    assert.equal(mirror.tagPosition("t1", "expire"), 0);
    for (let position = 51; position <= 100; position++) {
      mirror.apply([{ ...evictKey(`k${position}`), position }], position);
    }
    assert.equal(mirror.keyPosition("k100", "evict"), 100);
    assert.equal(mirror.keyPosition("k51", "evict"), 90);
    for (let position = 101; position <= 150; position++) {
      mirror.apply([{ ...evictPattern(`p${position}:*`), position }], position);
    }
    assert.equal(mirror.keyPosition("p150:x", "evict"), 150);
    assert.equal(mirror.keyPosition("p101:x", "evict"), 140);
    assert.equal(mirror.keyPosition("p101:x", "expire"), 0);
  });

  it("keeps the last of each scope however often it comes", () => {
    const mirror = createMirror({ maxRecords: 10, start: { position: 0, horizon: 0, records: [] } });
    mirror.apply([{ ...evictKey("rare"), position: 1 }], 1);
    for (let position = 2; position <= 500; position++) mirror.apply([{ ...evictKey("often"), position }], position);
    assert.equal(mirror.keyPosition("rare", "evict"), 1);
  });
});
