import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { problemToError } from "../api/api-error.ts";
import { createLoader } from "./loader.ts";

describe("a loader", () => {
  it("keeps showing the last good data when a later fetch fails, and says so", async () => {
    const answers = [() => "first", () => Promise.reject(problemToError(500, { code: "INTERNAL" }))];
    const loader = createLoader(async () => answers.shift()?.() ?? "none");
    await loader.load();
    await loader.load();
    const state = loader.state.value;
    assert.equal(state.status, "ready");
    assert.equal(state.data, "first");
    assert.equal(state.problem?.fields.code, "INTERNAL");
  });

  it("shows a failure when nothing was ever there, and recovers at the next try", async () => {
    const answers = [() => Promise.reject(problemToError(404, {})), () => "found"];
    const loader = createLoader(async () => answers.shift()?.() ?? "none");
    await loader.load();
    assert.equal(loader.state.value.status, "failed");
    await loader.load();
    assert.deepEqual(loader.state.value, { status: "ready", data: "found", problem: null });
  });

  it("ignores the answer of an earlier fetch that comes late", async () => {
    const releases: ((value: string) => void)[] = [];
    const loader = createLoader(() => new Promise<string>((resolve) => releases.push(resolve)));
    const first = loader.load();
    const second = loader.load();
    releases[1]?.("new");
    releases[0]?.("old");
    await Promise.all([first, second]);
    assert.deepEqual(loader.state.value, { status: "ready", data: "new", problem: null });
  });

  it("does not go back to what was before a change, when a fetch was under way as it was made", async () => {
    const releases: ((value: string) => void)[] = [];
    const loader = createLoader(() => new Promise<string>((resolve) => releases.push(resolve)));
    const first = loader.load();
    releases[0]?.("draft");
    await first;
    const second = loader.load();
    loader.edit(() => "approved");
    releases[1]?.("draft");
    await second;
    assert.deepEqual(loader.state.value, { status: "ready", data: "approved", problem: null });
    assert.equal(releases.length, 3);
  });
});
