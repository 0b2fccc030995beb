import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createLog, redactText } from "./log.ts";

function capture(): { lines: string[]; destination: { write(line: string): void } } {
  const lines: string[] = [];
  return { lines, destination: { write: (line) => void lines.push(line) } };
}

describe("log", () => {
  it("writes one JSON object a line, with the level as a word and the time in ISO 8601", () => {
    const { lines, destination } = capture();
    createLog({ destination }).child({ part: "runs" }).warn({ run: "r1" }, "late");
    const entry = JSON.parse(lines[0] ?? "") as Record<string, unknown>;
    assert.deepEqual([entry["level"], entry["part"], entry["run"], entry["msg"]], ["warn", "runs", "r1", "late"]);
    assert.match(String(entry["time"]), /^\d{4}-\d\d-\d\dT/);
  });

  it("lets no secret through, in a field, deeper down, or inside of a text", () => {
    const { lines, destination } = capture();
    const log = createLog({ destination });
    log.info(
      { apiKey: "sk-ant-abcdefghijkl", headers: { authorization: "Bearer abc.def", "x-api-key": "topsecret" } },
      "sent",
    );
    log.error({ error: new Error("refused for sk-proj-123456789 at postgres://me:hunter2@host/db") }, "failed");
    const all = lines.join("");
    for (const secret of ["sk-ant-abc", "abc.def", "topsecret", "sk-proj", "hunter2"])
      assert.ok(!all.includes(secret), secret);
    assert.match(all, /\[redacted\]/);
  });

  it("shows an error with its code and its causes, and no stack", () => {
    const { lines, destination } = capture();
    const cause = Object.assign(new Error("reset"), { code: "ECONNRESET" });
    createLog({ destination }).error({ error: new Error("call failed", { cause }) }, "oops");
    const entry = JSON.parse(lines[0] ?? "") as { error: { cause: { code: string } } };
    assert.equal(entry.error.cause.code, "ECONNRESET");
    assert.ok(!lines.join("").includes("log.test"));
  });

  it("is silent below its level", () => {
    const { lines, destination } = capture();
    createLog({ level: "warn", destination }).info({}, "chatter");
    assert.deepEqual(lines, []);
  });
});

describe("redactText", () => {
  it("leaves ordinary text alone", () => {
    assert.equal(redactText("the desk-lamp went on at 07:30"), "the desk-lamp went on at 07:30");
  });
});
