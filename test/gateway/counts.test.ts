import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openGatewayWorld } from "./world.ts";

const TOOL = {
  name: "get_weather",
  description: "Tells the weather.",
  input_schema: { type: "object" as const, properties: { city: { type: "string" } } },
};

describe("tokens that the gateway tells", () => {
  it("are those that Anthropic would charge, and an estimate from above for other models", async () => {
    await using world = await openGatewayWorld();
    const { anthropic, simulator } = world;
    const asked = {
      model: "claude-haiku-4-5",
      system: "Be brief. ".repeat(40),
      tools: [TOOL],
      messages: [{ role: "user" as const, content: "How are you today?" }],
    };
    const exact = await anthropic.messages.countTokens(asked).withResponse();
    const reply = await anthropic.messages.create({ ...asked, max_tokens: 300 });
    assert.equal(exact.data.input_tokens, reply.usage.input_tokens);
    assert.equal(exact.response.headers.get("x-millrace-source"), "provider");
    const other = await anthropic.messages.countTokens({ ...asked, model: "openai/gpt-5.4-mini" }).withResponse();
    assert.ok(other.data.input_tokens >= exact.data.input_tokens);
    assert.equal(other.response.headers.get("x-millrace-source"), "estimate");
    simulator.configure({ rules: [{ fault: "server-error", share: 1 }] });
    const failed = await anthropic.messages.countTokens(asked);
    assert.ok(failed.input_tokens >= exact.data.input_tokens, "a provider that does not say leaves the estimate");
  });

  it("are for embeddings what the provider counted, also of texts that were there", async () => {
    await using world = await openGatewayWorld();
    const ask = (input: string[]) => world.openai.embeddings.create({ model: "text-embedding-3-small", input });
    const texts = ["a cat on the mat", "a dog", "a fish in deep water that swims"];
    const { usage: first } = await ask(texts.slice(0, 2));
    const charged = () => world.simulator.ledger().reduce((sum, { inputTokens }) => sum + inputTokens, 0);
    assert.deepEqual([first.prompt_tokens, first.total_tokens], [charged(), charged()]);
    const { usage: second } = await ask(texts);
    assert.equal(second.prompt_tokens, charged(), "two of three were there, with what they had cost to read");
  });
});
