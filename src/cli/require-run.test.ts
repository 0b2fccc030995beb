import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createManualClock } from "../core/manual-clock.ts";
import { openSqliteStore } from "../store/sqlite/open.ts";
import type { Store } from "../store/store.ts";
import { requireRun } from "./require-run.ts";

const FIRST = "018f2a10-0000-7000-8000-00000000aaaa";
const SECOND = "018f2a10-0000-7000-8000-00000001bbbb";

describe("a run on the command line", () => {
  let store: Store;
  before(async () => {
    store = await openSqliteStore({ directory: ":memory:", clock: createManualClock() });
    for (const id of [FIRST, SECOND]) await store.runs.admit({ id, automation: "a", event: "{}", now: 0 });
  });
  after(() => store.close());

  it("is found by its id, by how it begins, and by how it ends, as the dashboard shows it", async () => {
    for (const given of [SECOND, SECOND.slice(0, -4), "0001bbbb", "…0001bbbb"])
      assert.equal((await requireRun({ store }, given)).id, SECOND);
  });

  it("is not guessed: several are named, and too short a part is none", async () => {
    await assert.rejects(requireRun({ store }, "018f2a10"), {
      code: "INPUT_INVALID",
      message: `"018f2a10" stands for several runs, among them ${SECOND} and ${FIRST}.`,
    });
    for (const given of ["001bbbb", "…", "00000000zzzz"])
      await assert.rejects(requireRun({ store }, given), { code: "RUN_UNKNOWN" });
  });
});
