import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, dirname } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { CONFORMANCE } from "./conformance.ts";
import { type GatewayWorld, openGatewayWorld } from "./world.ts";

/** What is used of @copilotkit/aimock: a double of the providers that others wrote, so that we are not our own judges. */
interface AiMock {
  onMessage(pattern: RegExp, response: object): this;
  onToolResult(id: string, response: object): this;
  start(): Promise<string>;
  stop(): Promise<void>;
}

const HERE = new URL("./", import.meta.url);
const FOLDER = new URL(`node_modules/${["@copilotkit", "aimock"].join("/")}/`, HERE);
const missing = await install();

/** False when aimock is there. Otherwise why not: with CI=true that fails. */
async function install(): Promise<string | false> {
  if (existsSync(FOLDER)) return false;
  const path = `${dirname(process.execPath)}${delimiter}${process.env["PATH"] ?? ""}`;
  const options = { cwd: fileURLToPath(HERE), env: { ...process.env, NODE_OPTIONS: "", PATH: path }, timeout: 200_000 };
  try {
    await promisify(execFile)("npm", ["ci", "--ignore-scripts"], options);
    return false;
  } catch (error) {
    if (process.env["CI"] === "true") throw error;
    return "aimock could not be installed";
  }
}

const CALL = { toolCalls: [{ id: "call_weather", name: "get_weather", arguments: '{"city":"Rome"}' }] };
const MODELS = {
  chatModel: "gpt-5.4-mini",
  messagesModel: "claude-haiku-4-5",
  embeddingModel: "text-embedding-3-small",
};
const CROSSED = { ...MODELS, chatModel: "anthropic/claude-haiku-4-5", messagesModel: "openai/gpt-5.4-mini" };

describe("the gateway before aimock, asked by the official clients", { skip: missing }, () => {
  let mock: AiMock;
  let world: GatewayWorld;
  before(async () => {
    const { LLMock } = (await import(new URL("dist/index.js", FOLDER).href)) as {
      LLMock: new (options: object) => AiMock;
    };
    mock = new LLMock({ port: 0 })
      .onToolResult("call_weather", { content: "It rains, so take an umbrella." })
      .onMessage(/weather/, CALL)
      .onMessage(/as JSON/, { content: '{"city":"Rome"}' })
      .onMessage(/hello/, { content: "Hello to you, too.", usage: USAGE });
    world = await openGatewayWorld({ provider: await mock.start() });
  });
  after(async () => {
    await world[Symbol.asyncDispose]();
    await mock.stop();
  });

  for (const [name, check] of Object.entries(CONFORMANCE)) {
    it(name, () => check({ ...world, ...MODELS }));
    it(`the other provider's model behind it: ${name}`, () => check({ ...world, ...CROSSED }));
  }
});

/** In the words of both. */
const USAGE = { prompt_tokens: 3, completion_tokens: 5, total_tokens: 8, input_tokens: 3, output_tokens: 5 };
