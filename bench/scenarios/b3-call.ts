import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { systemClock } from "millrace";
import { Agent, type Dispatcher } from "undici";
import { measurePaired, ratio, type Side } from "../harness/paired.ts";
import { importPeer } from "../harness/peers.ts";
import type { Row, Scenario } from "../harness/scenario.ts";

const PARALLEL = 16;
const CALLS = 640;
const STREAMS = 64;
const ROUNDS = 7;
const MOST_ABOVE_UNDICI = 60;
const PROMPT = "Say some words about the light in the kitchen.";
const MODEL = "fixed";

/** Makes one call and gives the length of what was said. */
type Ask = () => Promise<number>;

/** B3, first half: what a call costs above the bare HTTP client. */
export const callOverhead: Scenario = {
  id: "B3-call",
  title: "a call to a model",
  description: `Microseconds of CPU per call of this process, ${PARALLEL} in parallel over kept connections, to a provider in another process that answers at once: a reply of about 650 bytes, and a stream of 100 events. Bare undici dispatches the same request and parses the same JSON (and splits the stream at its blank lines) and does nothing else. Ours is the model behind \`ai.text\`: request written from a prompt, reply read into parts, usage, limits and failures. generateText and streamText of the AI SDK go through its OpenAI-compatible provider, the OpenAI SDK through its own client, both as they come, retries off.`,
  target: `at most ${MOST_ABOVE_UNDICI} µs above bare undici for a whole reply`,
  async run() {
    const { url, stop } = await startProvider();
    const sides = await openSides(url);
    const rows = await measurePaired(
      [
        ...Object.entries(sides.whole).map(([name, ask]) => side(`reply: ${name}`, CALLS, ask)),
        ...Object.entries(sides.streamed).map(([name, ask]) => side(`stream: ${name}`, STREAMS, ask)),
      ],
      { rounds: ROUNDS },
    );
    await sides.close();
    stop();
    const above = (what: string, name: string): number =>
      valueOf(rows, `${what}: ${name}`) - valueOf(rows, `${what}: undici`);
    const ratios = {
      "reply, µs above undici: millrace": above("reply", "millrace"),
      "reply, µs above undici: generateText": above("reply", "ai"),
      "reply, µs above undici: openai": above("reply", "openai"),
      "stream, µs above undici: millrace": above("stream", "millrace"),
      "stream, µs above undici: streamText": above("stream", "ai"),
      "stream, µs above undici: openai": above("stream", "openai"),
      "reply, ai to millrace": ratio(rows, "reply: ai", "reply: millrace"),
      "reply, openai to millrace": ratio(rows, "reply: openai", "reply: millrace"),
      "stream, ai to millrace": ratio(rows, "stream: ai", "stream: millrace"),
      "stream, openai to millrace": ratio(rows, "stream: openai", "stream: millrace"),
    };
    return { rows, ratios, met: ratios["reply, µs above undici: millrace"] <= MOST_ABOVE_UNDICI };
  },
};

function valueOf(rows: readonly Row[], side: string): number {
  return rows.find((row) => row.side === side)?.value ?? Number.NaN;
}

function side(name: string, calls: number, ask: Ask): Side {
  return {
    name,
    unit: "µs",
    async measure() {
      const cpu = process.cpuUsage();
      await Promise.all(
        Array.from({ length: PARALLEL }, async () => {
          for (let call = 0; call < calls / PARALLEL; call++) {
            if ((await ask()) < 100) throw new Error(`${name} gave no whole answer`);
          }
        }),
      );
      const { user, system } = process.cpuUsage(cpu);
      return (user + system) / calls;
    },
  };
}

async function startProvider(): Promise<{ readonly url: string; readonly stop: () => void }> {
  const file = new URL("../sides/fixed-provider.ts", import.meta.url).pathname;
  const child: ChildProcess = spawn(process.execPath, [file], { stdio: ["ignore", "pipe", "inherit", "ipc"] });
  const [port] = (await once(child.stdout ?? child, "data")) as [Buffer];
  return { url: `http://127.0.0.1:${port.toString().trim()}/v1`, stop: () => void child.kill() };
}

async function openSides(url: string) {
  const agent = new Agent({ connections: PARALLEL });
  const ours = await openOurs(url);
  const ai = await openAi(url);
  const openai = await openOpenAi(url);
  return {
    whole: { undici: () => bareWhole(agent, url), millrace: ours.whole, ai: ai.whole, openai: openai.whole },
    streamed: {
      undici: () => bareStream(agent, url),
      millrace: ours.streamed,
      ai: ai.streamed,
      openai: openai.streamed,
    },
    async close() {
      await Promise.all([agent.close(), ours.close()]);
    },
  };
}

interface Completion {
  readonly choices: readonly { readonly message: { readonly content: string } }[];
}
interface Chunk {
  readonly choices: readonly { readonly delta: { readonly content?: string } }[];
}

/** The whole body of a reply, by the HTTP client alone. */
function dispatch(agent: Agent, url: string, body: object): Promise<string> {
  const { origin, pathname } = new URL(url);
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const pieces: Buffer[] = [];
  const handler: Dispatcher.DispatchHandler = {
    onRequestStart: () => undefined,
    onResponseStart: () => undefined,
    onResponseData: (_controller, piece) => void pieces.push(piece),
    onResponseEnd: () => resolve(Buffer.concat(pieces).toString("utf8")),
    onResponseError: (_controller, error) => reject(error),
  };
  const headers = { "content-type": "application/json", authorization: "Bearer x" };
  agent.dispatch(
    { origin, path: `${pathname}/chat/completions`, method: "POST", headers, body: JSON.stringify(body) },
    handler,
  );
  return promise;
}

const MESSAGES = [{ role: "user", content: PROMPT }];

async function bareWhole(agent: Agent, url: string): Promise<number> {
  const reply = JSON.parse(await dispatch(agent, url, { model: MODEL, messages: MESSAGES })) as Completion;
  return reply.choices[0]?.message.content.length ?? 0;
}

async function bareStream(agent: Agent, url: string): Promise<number> {
  let length = 0;
  for (const event of (await dispatch(agent, url, { model: MODEL, messages: MESSAGES, stream: true })).split("\n\n")) {
    if (event === "" || event === "data: [DONE]") continue;
    const chunk = JSON.parse(event.slice("data: ".length)) as Chunk;
    length += chunk.choices[0]?.delta.content?.length ?? 0;
  }
  return length;
}

interface Part {
  readonly type: string;
  readonly delta?: string;
  readonly text?: string;
}
interface OurModel {
  generate(call: object): Promise<{ readonly content: readonly Part[] }>;
  stream(call: object): AsyncIterable<Part>;
}
interface OurModules {
  createTransport(): { close(): Promise<void> };
  openProvider(name: string, config: object, options: object): Promise<{ model(id: string): OurModel }>;
}

/** The port of models is no part of the public surface, so its modules are looked up by address. */
async function openOurs(url: string) {
  const source = new URL("../../src/model/", import.meta.url);
  const [transports, providers] = (await Promise.all(
    ["transport.ts", "open-model.ts"].map((file) => import(new URL(file, source).href)),
  )) as [OurModules, OurModules];
  const transport = transports.createTransport();
  const config = { kind: "openai", apiKey: "x", baseUrl: url };
  const provider = await providers.openProvider("it", config, { transport, clock: systemClock });
  const model = provider.model(MODEL);
  const call = { prompt: [{ role: "user", content: [{ type: "text", text: PROMPT }] }] };
  return {
    whole: async () => {
      const { content } = await model.generate(call);
      return content[0]?.text?.length ?? 0;
    },
    streamed: async () => {
      let length = 0;
      for await (const part of model.stream(call)) if (part.type === "text-delta") length += part.delta?.length ?? 0;
      return length;
    },
    close: () => transport.close(),
  };
}

async function openAi(url: string) {
  const { generateText, streamText } = await importPeer<{
    readonly generateText: (options: object) => Promise<{ readonly text: string }>;
    readonly streamText: (options: object) => { readonly textStream: AsyncIterable<string> };
  }>("ai");
  const { createOpenAICompatible } = await importPeer<{
    readonly createOpenAICompatible: (options: object) => (id: string) => object;
  }>("@ai-sdk/openai-compatible");
  const model = createOpenAICompatible({ name: "it", baseURL: url, apiKey: "x", includeUsage: true })(MODEL);
  const options = { model, prompt: PROMPT, maxRetries: 0 };
  return {
    whole: async () => (await generateText(options)).text.length,
    streamed: async () => {
      let length = 0;
      for await (const text of streamText(options).textStream) length += text.length;
      return length;
    },
  };
}

async function openOpenAi(url: string) {
  const { OpenAI } = await importPeer<{
    OpenAI: new (options: object) => { chat: { completions: { create(options: object): Promise<unknown> } } };
  }>("openai");
  const client = new OpenAI({ baseURL: url, apiKey: "x", maxRetries: 0 });
  const request = { model: MODEL, messages: MESSAGES };
  return {
    whole: async () => {
      const reply = (await client.chat.completions.create(request)) as Completion;
      return reply.choices[0]?.message.content.length ?? 0;
    },
    streamed: async () => {
      let length = 0;
      const stream = await client.chat.completions.create({
        ...request,
        stream: true,
        stream_options: { include_usage: true },
      });
      for await (const chunk of stream as AsyncIterable<Chunk>) length += chunk.choices[0]?.delta.content?.length ?? 0;
      return length;
    },
  };
}
