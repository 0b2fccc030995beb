import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { createManualClock } from "../core/manual-clock.ts";
import type { Level } from "./contract.ts";
import { openFilesLevel } from "./files/level.ts";
import { bounded } from "./guarded-level.ts";
import { entryOf, runLevelContract } from "./level-contract/level.ts";

const folder = mkdtempSync(join(tmpdir(), "millrace-bounded-"));
after(() => rmSync(folder, { recursive: true }));
let places = 0;

type Trouble = "none" | "fails" | "hangs";

/** A true level that gets into trouble on demand. */
async function openTroubled() {
  const clock = createManualClock(Date.UTC(2026, 0, 1));
  const level = await openFilesLevel({ directory: join(folder, `${++places}`), clock, minBytes: 0 });
  let trouble: Trouble = "none";
  let asked = 0;
  async function through<T>(work: () => Promise<T>): Promise<T> {
    asked += 1;
    if (trouble === "fails") throw new Error("it broke");
    return trouble === "hangs" ? new Promise(() => undefined) : work();
  }
  const troubled: Level = {
    ...level,
    get: (key) => through(() => level.get(key)),
    set: (entries) => through(() => level.set(entries)),
    delete: (keys) => through(() => level.delete(keys)),
  };
  return {
    clock,
    level: bounded(troubled, { clock }),
    asked: () => asked,
    get: (wanted: Trouble) => (trouble = wanted),
  };
}

runLevelContract("bounded files", async ({ clock }) => {
  const level = await openFilesLevel({ directory: join(folder, `${++places}`), clock, minBytes: 0 });
  return { level: bounded(level, { clock }), close: () => level.close() };
});

describe("a bounded level", () => {
  it("answers a failed read with a miss and drops a failed write, and counts both", async () => {
    const { level, get } = await openTroubled();
    await level.set([entryOf("k")]);
    get("fails");
    assert.equal(await level.get("k"), undefined);
    await level.set([entryOf("a"), entryOf("b")]);
    assert.equal(await level.delete(["k"]), 0);
    const { errors, droppedWrites, timeouts } = level.health();
    assert.deepEqual({ errors, droppedWrites, timeouts }, { errors: 3, droppedWrites: 2, timeouts: 0 });
  });

  it("waits for a hanging level no longer than its deadline", async () => {
    const { level, clock, get } = await openTroubled();
    get("hangs");
    let found: unknown = "waiting";
    const read = level.get("k").then((entry) => (found = entry));
    await clock.advance(249);
    assert.equal(found, "waiting");
    await clock.advance(1);
    await read;
    assert.equal(found, undefined);
    assert.equal(level.health().timeouts, 1);
  });

  it("leaves a level alone after five failures in a row, then probes it after growing waits, and heals", async () => {
    const { level, clock, asked, get } = await openTroubled();
    await level.set([entryOf("k")]);
    get("fails");
    const start = asked();
    for (let times = 0; times < 20; times++) await level.get("k");
    assert.equal(asked() - start, 5);
    assert.equal(level.health().isReadable, false);
    await clock.advance(500);
    await level.get("k");
    assert.equal(asked() - start, 6, "no probe after the first wait");
    await clock.advance(999);
    await level.get("k");
    assert.equal(asked() - start, 6, "the second wait is not longer");
    get("none");
    await clock.advance(1);
    assert.equal((await level.get("k"))?.key, "k");
    assert.equal(level.health().isReadable, true);
    assert.ok(level.health().skipped >= 15);
  });

  it("still reads a level that takes no writes", async () => {
    const { level, get } = await openTroubled();
    await level.set([entryOf("k")]);
    get("fails");
    for (let times = 0; times < 6; times++) await level.set([entryOf("k")]);
    get("none");
    assert.equal(level.health().isWritable, false);
    assert.equal((await level.get("k"))?.key, "k");
  });
});
