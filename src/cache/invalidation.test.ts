import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createManualClock } from "../core/manual-clock.ts";
import type { InvalidationMode, Scope } from "./contract.ts";
import { createInvalidations } from "./invalidation.ts";
import { createSharedJournal, type JournalStorage } from "./journal/shared-journal.ts";
import type { JournalState } from "./journal/mirror.ts";

/** The journal that all processes share, in the memory of the test; `fails` and `hangs` are its storage's state. */
function openJournal() {
  const clock = createManualClock(1_000_000);
  const state = { position: 10, horizon: 0, records: [] as JournalState["records"] };
  const storage = { fails: false, hangs: false };
  async function answer<T>(value: () => T): Promise<T> {
    if (storage.fails) throw new Error("away");
    if (storage.hangs) await new Promise(() => undefined);
    return value();
  }
  const kept: JournalStorage = {
    append: (list) =>
      answer(() => {
        state.records = [...state.records, ...list.map((each) => ({ ...each, position: ++state.position }))];
      }),
    link: () => answer(() => undefined),
    read: (after) => answer(() => ({ ...state, records: state.records.filter(({ position }) => position > after) })),
  };
  const journal = createSharedJournal({ storage: kept, clock, pollMs: 60_000 });
  const seen: string[] = [];
  const errors: unknown[] = [];
  const invalidations = createInvalidations({
    journal,
    clock,
    onChange: (records) => seen.push(...records.map(({ mode }) => mode)),
    onReset: () => seen.push("reset"),
    onError: (error) => errors.push(error),
  });
  return { clock, state, storage, journal, invalidations, seen, errors };
}

function by(mode: InvalidationMode, scope: Scope) {
  return [{ mode, scope }];
}

const TAG: Scope = { kind: "tag", tag: "device:1" };

describe("createInvalidations", () => {
  it("judges an entry by what came after its factory began, by key, tag and pattern", async () => {
    const { invalidations, journal } = openJournal();
    await journal.sync();
    const before = { tags: ["device:1"], position: journal.position() };
    assert.equal(invalidations.judge("a:1", before), "valid");
    await invalidations.append(by("expire", TAG));
    assert.equal(invalidations.judge("a:1", before), "expired");
    assert.equal(invalidations.judge("a:1", { tags: [], position: before.position }), "valid");
    const between = { tags: ["device:1"], position: journal.position() };
    assert.equal(invalidations.judge("a:1", between), "valid");
    await invalidations.append(by("evict", { kind: "pattern", pattern: "a:*" }));
    assert.equal(invalidations.judge("a:1", between), "evicted");
    assert.equal(invalidations.judge("b:1", between), "valid");
    await invalidations.append(by("evict", { kind: "key", key: "b:1" }));
    assert.equal(invalidations.judge("b:1", between), "evicted");
    await journal.close();
  });

  it("says that a factory is outdated only by what reaches it and came while it ran", async () => {
    const { invalidations, journal } = openJournal();
    await journal.sync();
    const began = invalidations.moment();
    assert.equal(invalidations.isOutdated("a", ["device:1"], began, invalidations.moment()), false);
    await invalidations.append(by("evict", { kind: "tag", tag: "device:2" }));
    assert.equal(invalidations.isOutdated("a", ["device:1"], began, invalidations.moment()), false);
    await invalidations.append(by("expire", TAG));
    assert.equal(invalidations.isOutdated("a", ["device:1"], began, invalidations.moment()), true);
    assert.equal(invalidations.isOutdated("a", ["device:1"], invalidations.moment(), began), false);
    await journal.close();
  });

  it("changes its stamp whenever a verdict may change, and tells", async () => {
    const { invalidations, journal, seen } = openJournal();
    await journal.sync();
    const stamp = invalidations.stamp();
    await invalidations.append(by("expire", TAG));
    assert.notEqual(invalidations.stamp(), stamp);
    assert.deepEqual(seen.slice(-1), ["expire"]);
    invalidations.close();
    await journal.append(by("evict", TAG));
    assert.deepEqual(seen.slice(-1), ["expire"]);
    await journal.close();
  });

  it("keeps nothing of which it cannot tell what came after it", async () => {
    const { invalidations, journal, state, seen } = openJournal();
    await journal.sync();
    const old = { tags: [], position: journal.position() };
    Object.assign(state, { position: 5_000, horizon: 4_000 });
    assert.equal(await invalidations.sync(), true);
    assert.equal(invalidations.judge("a", old), "evicted");
    assert.equal(seen.at(-1), "reset");
    await journal.close();
  });

  it("holds in this process although the storage is away, and says so", async () => {
    const { clock, invalidations, journal, storage, errors } = openJournal();
    await journal.sync();
    const before = { tags: ["device:1"], position: journal.position() };
    storage.fails = true;
    const appended = invalidations.append(by("evict", TAG));
    await clock.advance(500);
    await appended;
    assert.equal(invalidations.judge("a", before), "evicted");
    assert.equal(errors.length, 1);
    assert.equal(await invalidations.sync(), false);
    assert.equal(errors.length, 2);
    storage.fails = false;
    await journal.close();
  });

  it("waits for a storage that hangs no longer than its limit, and ends at once for who leaves", async () => {
    const { clock, invalidations, journal, storage } = openJournal();
    await journal.sync();
    storage.hangs = true;
    const asked = invalidations.sync();
    await clock.advance(500);
    assert.equal(await asked, false);
    const leaving = new AbortController();
    const left = assert.rejects(invalidations.sync(leaving.signal), /gone/);
    leaving.abort(new Error("gone"));
    await left;
  });

  it("passes on what is wrong with the input", async () => {
    const { invalidations, journal } = openJournal();
    await journal.sync();
    await assert.rejects(invalidations.append(by("evict", { kind: "key", key: "\ud800" })), { code: "INPUT_INVALID" });
    await journal.close();
  });
});
