import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Ai, Answer, ObjectOptions } from "millrace";
import { exampleRule } from "../patterns/example-rule.ts";
import { toHabit } from "../patterns/habit.ts";
import { suggest, type WordedHabit } from "./suggest.ts";
import type { Words } from "./words.ts";

const good: Words = {
  title: "Light for\nbreakfast",
  description: "The kitchen light could come on by itself.",
  rationale: "It does so on most weekdays.",
  category: "comfort",
  priority: "high",
};

/** A model that gives this answer, whatever it is asked. */
function modelSaying(words: Words, asked: ObjectOptions<unknown>[] = []): Pick<Ai, "object"> {
  return {
    object<T>(options: ObjectOptions<T>): Promise<Answer<T>> {
      asked.push(options);
      return Promise.resolve({
        value: words as T,
        source: "provider",
        model: "test/model",
        usage: { inputTokens: 10, outputTokens: 10, cacheReadTokens: 0, cacheWriteTokens: 0, reasoningTokens: 0 },
        usd: 0.001,
        savedUsd: 0,
        ms: 5,
        requests: 2,
        ageMs: null,
        similar: null,
        degraded: null,
      });
    },
  };
}

function ask(ai: Pick<Ai, "object">): Promise<WordedHabit> {
  const signal = new AbortController().signal;
  return suggest({ ai, habit: toHabit(exampleRule()), devices: [], model: "fast", signal });
}

describe("suggest", () => {
  it("takes the model's words, cleaned, and says whose they are and what they cost", async () => {
    const asked: ObjectOptions<unknown>[] = [];
    assert.deepEqual(await ask(modelSaying(good, asked)), {
      ruleId: "r1",
      words: { ...good, title: "Light for breakfast" },
      source: "provider",
      model: "test/model",
      degraded: null,
      requests: 2,
      usd: 0.001,
    });
    assert.equal(asked[0]?.model, "fast");
  });

  it("falls back to its own words when the model speaks of another device, says so, and still counts the requests", async () => {
    const worded = await ask(modelSaying({ ...good, description: "Also opens lock.front_door." }));
    assert.equal(worded.words.title, "Turn on the kitchen ceiling light at 07:10 on weekdays");
    assert.deepEqual([worded.source, worded.model, worded.requests, worded.usd], ["rules", "rules", 2, 0.001]);
    assert.match(worded.degraded ?? "", /lock\.front_door/);
  });
});
