import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isErrorCode } from "../core/errors.ts";
import { fallback } from "./fallback.ts";

const OPTIONS = { nameOf: (name: string) => name, canHelp: () => true };

/** Work in which all fail that are not named here. */
function onlyAnsweredBy(...names: readonly string[]): { tried: string[]; run: (name: string) => Promise<string> } {
  const tried: string[] = [];
  return {
    tried,
    async run(name) {
      tried.push(name);
      if (!names.includes(name)) throw new Error(`${name} is down`);
      return `answer of ${name}`;
    },
  };
}

describe("fallback", () => {
  it("asks the first candidate alone when it answers", async () => {
    const { run, tried } = onlyAnsweredBy("a", "b");
    const answer = await fallback(["a", "b"], run, OPTIONS);
    assert.deepEqual(answer, { value: "answer of a", candidate: "a", failed: [] });
    assert.deepEqual(tried, ["a"]);
  });

  it("tells who answered instead, and who failed before", async () => {
    const { run } = onlyAnsweredBy("c");
    const { candidate, failed } = await fallback(["a", "b", "c"], run, OPTIONS);
    assert.deepEqual([candidate, failed.map(({ candidate }) => candidate)], ["c", ["a", "b"]]);
  });

  it("passes over candidates that cannot help after that failure", async () => {
    const models = [{ window: 8 }, { window: 4 }, { window: 16 }];
    const tried: number[] = [];
    const answer = await fallback(
      models,
      async ({ window }) => {
        tried.push(window);
        if (window < 16) throw new RangeError(`more than ${window}`);
        return "fits";
      },
      {
        nameOf: ({ window }) => `window of ${window}`,
        canHelp: (error, { window }) => !(error instanceof RangeError) || window > 8,
      },
    );
    assert.deepEqual([answer.value, tried], ["fits", [8, 16]]);
  });

  it("throws the only failure as it was when no other candidate can help", async () => {
    const refusal = new Error("refused for its content");
    const run = (): Promise<never> => Promise.reject(refusal);
    await assert.rejects(fallback(["a", "b"], run, { ...OPTIONS, canHelp: () => false }), (error) => error === refusal);
  });

  it("keeps the first failure as the cause, and lists all of them in order", async () => {
    const error: unknown = await fallback(["a", "b"], onlyAnsweredBy().run, OPTIONS).catch((error: unknown) => error);
    assert.ok(isErrorCode(error, "FALLBACKS_FAILED"));
    assert.equal((error.cause as Error).message, "a is down");
    assert.deepEqual(error.facts["attempts"], [
      { candidate: "a", error: { code: "Error", message: "a is down" } },
      { candidate: "b", error: { code: "Error", message: "b is down" } },
    ]);
    assert.match(error.message, /a: a is down \| b: b is down/);
  });

  it("asks nobody further once it is called off", async () => {
    const controller = new AbortController();
    const tried: string[] = [];
    const run = async (name: string): Promise<never> => {
      tried.push(name);
      controller.abort(new Error("stop"));
      throw new Error("aborted");
    };
    await assert.rejects(fallback(["a", "b"], run, { ...OPTIONS, signal: controller.signal }), /aborted/);
    await assert.rejects(fallback(["a"], run, { ...OPTIONS, signal: controller.signal }), /stop/);
    assert.deepEqual(tried, ["a"]);
  });

  it("needs a candidate", async () => {
    await assert.rejects(fallback([], onlyAnsweredBy().run, OPTIONS), /at least one candidate/);
  });
});
