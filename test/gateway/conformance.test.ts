import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { after, before, describe, it } from "node:test";
import { createSimulator, type Simulator } from "../../simulator/index.ts";
import { CONFORMANCE, type Served } from "./conformance.ts";
import { type GatewayWorld, openGatewayWorld } from "./world.ts";

const MODELS = {
  chatModel: "gpt-5.4-mini",
  messagesModel: "claude-haiku-4-5",
  embeddingModel: "text-embedding-3-small",
};

describe("the gateway, asked by the official clients", () => {
  let world: GatewayWorld;
  before(async () => void (world = await openGatewayWorld()));
  after(() => world[Symbol.asyncDispose]());

  for (const [name, check] of Object.entries(CONFORMANCE)) it(name, () => check({ ...world, ...MODELS }));

  const crossed = { ...MODELS, chatModel: "anthropic/claude-haiku-4-5", messagesModel: "openai/gpt-5.4-mini" };
  for (const [name, check] of Object.entries(CONFORMANCE)) {
    it(`the other provider's model behind it: ${name}`, () => check({ ...world, ...crossed }));
  }
});

describe("the simulator, asked by the official clients", () => {
  let simulator: Simulator;
  let served: Served;
  before(async () => {
    simulator = createSimulator();
    const url = await simulator.start();
    served = {
      openai: new OpenAI({ apiKey: "k", baseURL: `${url}/v1`, maxRetries: 0 }),
      anthropic: new Anthropic({ apiKey: "k", baseURL: url, maxRetries: 0 }),
      ...MODELS,
    };
  });
  after(() => simulator.stop());

  for (const [name, check] of Object.entries(CONFORMANCE)) it(name, () => check(served));
});
