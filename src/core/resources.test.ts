import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createLog } from "./log.ts";
import { createManualClock } from "./manual-clock.ts";
import { createResources } from "./resources.ts";

const log = createLog({ level: "silent" });

describe("resources", () => {
  it("close in reverse order of their start, and only once", async () => {
    const order: string[] = [];
    const resources = createResources({ clock: createManualClock(), log });
    for (const name of ["store", "engine", "server"]) resources.add(name, () => void order.push(name));
    const [first, second] = await Promise.all([resources.close(), resources.close()]);
    assert.deepEqual(order, ["server", "engine", "store"]);
    assert.deepEqual(first, { closed: ["server", "engine", "store"], failed: [] });
    assert.equal(second, first);
  });

  it("one that throws does not keep the rest open", async () => {
    const resources = createResources({ clock: createManualClock(), log });
    resources.add("store", () => undefined);
    resources.add("server", () => Promise.reject(new Error("stuck")));
    assert.deepEqual(await resources.close(), { closed: ["store"], failed: ["server"] });
  });

  it("one that hangs is given up at the deadline", async () => {
    const clock = createManualClock();
    const resources = createResources({ clock, log, deadlineMs: 1_000 });
    resources.add("store", () => undefined);
    resources.add("socket", () => new Promise<void>(() => undefined));
    const report = resources.close();
    await clock.advance(1_000);
    const { failed } = await report;
    assert.deepEqual(failed, ["socket"]);
  });
});
