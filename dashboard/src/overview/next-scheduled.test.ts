import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AutomationView } from "millrace/http";
import { nextScheduled } from "./next-scheduled.ts";

function automation(name: string, ...nextAts: (string | null)[]): AutomationView {
  const crons = nextAts.map((nextAt) => ({ kind: "cron", expression: "0 3 * * *", timezone: "UTC", nextAt }) as const);
  return { name, description: "", triggers: [{ kind: "manual" }, ...crons], lastRun: null };
}

describe("nextScheduled", () => {
  it("is the earliest of all schedules", () => {
    const next = nextScheduled([
      automation("late", "2026-11-26T03:00:00.000Z"),
      automation("soon", "2026-11-27T03:00:00.000Z", "2026-11-25T03:00:00.000Z"),
    ]);
    assert.deepEqual(next, { name: "soon", at: Date.UTC(2026, 10, 25, 3), timezone: "UTC" });
  });

  it("is nothing when only people start automations", () => {
    assert.equal(nextScheduled([automation("a"), automation("b", null)]), undefined);
  });
});
