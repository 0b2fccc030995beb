import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createPolicies } from "../cache/policies.ts";
import { openCallsWorld, until } from "./test-world.ts";

const QUESTION = "How do I reset the password of a user account?";
const REWORDED = "how do i reset the password of a user account";
const NEARLY = "How do I reset the password of the user account?";
const TRAP = "How do I reset the password of a service account?";

describe("answers to similar questions", () => {
  it("are given to calls that opt in, with the question that they were given for", async () => {
    await using world = await openCallsWorld();
    const first = await world.ai.text({ prompt: QUESTION, similar: true });
    assert.equal(first.source, "provider");
    assert.equal((await world.ai.text({ prompt: NEARLY })).source, "provider", "not opted in");
    await world.cache.evict({ kind: "key", key: world.ends.at(-1)?.key ?? "" });
    const before = world.simulator.stats().requests;
    const answer = await world.ai.text({ prompt: NEARLY, similar: true });
    assert.deepEqual([answer.source, answer.value, answer.requests, answer.usd], ["similar", first.value, 0, 0]);
    assert.equal(answer.similar?.question, QUESTION);
    assert.ok((answer.similar?.similarity ?? 0) > 0.8);
    assert.equal(answer.savedUsd, first.usd);
    assert.equal(world.ends.at(-1)?.similarity, answer.similar?.similarity);
    assert.equal((await world.ai.text({ prompt: REWORDED, similar: { threshold: 1 } })).source, "similar");
    assert.equal(world.simulator.stats().requests, before);
  });

  it("are not given for a question that only looks alike, nor to another user, tenant, model or system prompt", async () => {
    await using world = await openCallsWorld();
    await world.ai.text({ prompt: QUESTION, similar: { user: "ann" } });
    for (const other of [
      { prompt: TRAP, similar: { user: "ann" } },
      { prompt: NEARLY, similar: { user: "bob" } },
      { prompt: NEARLY, similar: true },
      { prompt: NEARLY, similar: { user: "ann" }, tenant: "acme" },
      { prompt: NEARLY, similar: { user: "ann" }, model: "openai/gpt-5.4-mini" },
      { prompt: NEARLY, similar: { user: "ann" }, system: "Answer in verse." },
      { prompt: NEARLY, similar: { user: "ann", variables: { plan: "pro" } } },
      { prompt: NEARLY, similar: { user: "ann", namespace: "help" } },
    ]) {
      assert.equal((await world.ai.text(other)).source, "provider", JSON.stringify(other));
      await world.cache.evict({ kind: "key", key: world.ends.at(-1)?.key ?? "" });
    }
    assert.equal((await world.ai.text({ prompt: NEARLY, similar: { user: "ann" } })).source, "similar");
  });

  it("go with their answer", async () => {
    await using world = await openCallsWorld();
    await world.ai.text({ prompt: QUESTION, similar: true, tags: ["accounts"] });
    await world.cache.evict({ kind: "tag", tag: "accounts" });
    assert.equal((await world.ai.text({ prompt: NEARLY, similar: true })).source, "provider");
    assert.equal(world.similar.stats().items, 1, "the old question is forgotten, the new one remembered");
  });

  it("are checked behind the answer, and one that was wrong is not given again", async () => {
    await using world = await openCallsWorld({ sampleRate: 1 });
    await world.ai.text({ prompt: QUESTION, similar: true });
    const pairs: { readonly served: string; readonly fresh: string }[] = [];
    const verify = (pair: { readonly served: string; readonly fresh: string }): boolean => {
      pairs.push(pair);
      return false;
    };
    const answer = await world.ai.text({ prompt: NEARLY, similar: { verify } });
    assert.equal(answer.source, "similar");
    await until(() => world.similar.stats().rejected === 1);
    assert.deepEqual([pairs.length, pairs[0]?.served], [1, answer.value]);
    const behind = world.ends.filter(({ isBackground }) => isBackground === true);
    assert.deepEqual([behind.length, (behind[0]?.usd ?? 0) > 0], [1, true]);
    assert.equal(world.simulator.stats().requests, 2);
    // The check's own answer is kept, so the question is now answered for itself.
    assert.equal((await world.ai.text({ prompt: NEARLY, similar: true })).source, "memory");
    await world.cache.evict({ kind: "pattern", pattern: world.ends.at(-1)?.key ?? "" });
    assert.equal((await world.ai.text({ prompt: NEARLY, similar: true })).source, "provider");
  });

  it("are not stood in the way by a finder that cannot be opened", async () => {
    await using world = await openCallsWorld();
    const { cache } = world;
    await using broken = await openCallsWorld({
      factory: {
        answers: {
          cache,
          policies: createPolicies({}),
          similar: () => Promise.reject(new Error("no embedder")),
        },
      },
    });
    assert.equal((await broken.ai.text({ prompt: QUESTION, similar: true })).source, "provider");
  });
});
