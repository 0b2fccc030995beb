import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createEvents } from "./core/events.ts";
import type { Log, LogFields } from "./core/log.ts";
import { logFailures } from "./failure-log.ts";

function recordingLog(lines: [LogFields, string][]): Log {
  const ignore = (): void => undefined;
  const log: Log = {
    debug: ignore,
    info: ignore,
    error: ignore,
    warn: (fields, message) => void lines.push([fields, message]),
    child: () => log,
  };
  return log;
}

describe("logFailures", () => {
  it("logs what failed for good with its reason, and nothing of what went well", () => {
    const lines: [LogFields, string][] = [];
    const events = createEvents();
    logFailures(events, recordingLog(lines));
    const error = { code: "CALL_FAILED", message: "no answer" };
    const step = { runId: "1", step: "ask:3", ms: 5, at: 0 };
    const run = { runId: "1", automation: "digest", ms: 5, at: 0 };
    events.emit("step-end", { ...step, state: "done" });
    events.emit("step-end", { ...step, state: "failed", error });
    events.emit("run-end", { ...run, status: "done" });
    events.emit("run-end", { ...run, status: "canceled" });
    events.emit("run-end", { ...run, status: "failed", error });
    assert.deepEqual(lines, [
      [{ run: "1", step: "ask:3", error }, "a step failed"],
      [{ run: "1", automation: "digest", error }, "a run failed"],
    ]);
  });
});
