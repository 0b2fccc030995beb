import { createManualClock } from "../../core/manual-clock.ts";
import { createIds } from "../../core/ids.ts";
import { systemRandom } from "../../core/random.ts";
import { openSqliteStore } from "../../store/sqlite/open.ts";
import { runJournalContract } from "../level-contract/journal.ts";
import { runLeaseContract } from "../level-contract/leases.ts";
import { runLevelContract } from "../level-contract/level.ts";
import { openSqliteBackend } from "./open.ts";
import { createTestStore } from "./test-store.ts";
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import type { Clock } from "../../core/clock.ts";

const folder = mkdtempSync(join(tmpdir(), "millrace-cache-"));
let places = 0;
const newPlace = (): string => join(folder, `${++places}`);

const shared = createTestStore(join(folder, "shared"));
after(async () => {
  await shared.close();
  rmSync(folder, { recursive: true });
});

async function openIn(directory: string, clock: Clock) {
  const store = await openSqliteStore({ directory, clock });
  const backend = await openSqliteBackend({ db: store.db, clock, ids: createIds({ clock, random: systemRandom }) });
  return {
    ...backend,
    async close() {
      await backend.close();
      await store.close();
    },
  };
}

runLevelContract("sqlite", async ({ clock }) => {
  const { db } = await shared.empty();
  const backend = await openSqliteBackend({ db, clock, ids: createIds({ clock, random: systemRandom }) });
  if (backend.level === undefined) throw new Error("the backend has no level");
  return { level: backend.level, close: () => backend.close() };
});

runJournalContract("sqlite", async () => {
  const clock = createManualClock(Date.UTC(2026, 0, 1));
  const place = newPlace();
  const first = await openIn(place, clock);
  const opened = [first];
  return {
    journal: first.journal,
    async another() {
      const backend = await openIn(place, clock);
      opened.push(backend);
      return backend.journal;
    },
    async close() {
      for (const backend of opened) await backend.close();
    },
  };
});

runLeaseContract("sqlite", async () => {
  const clock = createManualClock(Date.UTC(2026, 0, 1));
  const place = newPlace();
  const [mine, theirs] = [await openIn(place, clock), await openIn(place, clock)];
  return {
    mine: mine.leases,
    theirs: theirs.leases,
    pass: (ms) => clock.advance(ms),
    async close() {
      await mine.close();
      await theirs.close();
    },
  };
});

describe("sqlite: leases", () => {
  it("are not taken from a holder by one who read the clock a moment earlier, and are by one whose clock was set back", async () => {
    const place = newPlace();
    const clocks = [5_000, 4_900, 5_000 - 60_000].map((ms) => createManualClock(Date.UTC(2026, 0, 1) + ms));
    const opened = await Promise.all(clocks.map((clock) => openIn(place, clock)));
    const [holder, slower, setBack] = opened.map(({ leases }) => leases);
    assert.ok(await holder?.acquire("k", 10_000));
    assert.equal(await slower?.acquire("k", 10_000), undefined);
    assert.ok(await setBack?.acquire("k", 10_000));
    for (const backend of opened) await backend.close();
  });
});
