import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { APICallError, type LanguageModelV4, type LanguageModelV4StreamPart } from "@ai-sdk/provider";
import { createSimulator } from "../../simulator/index.ts";
import { systemClock } from "../core/clock.ts";
import { isErrorCode } from "../core/errors.ts";
import type { ProviderConfig } from "./config.ts";
import { ModelFailure } from "./failure.ts";
import { fromAiSdk } from "./from-ai-sdk.ts";
import type { Model, ModelCall, ModelPart, ModelResult } from "./model.ts";
import { openProvider } from "./open-model.ts";
import { toAiSdk } from "./to-ai-sdk.ts";
import { createTransport } from "./transport.ts";

const ASK: ModelCall = {
  prompt: [
    { role: "system", content: "Be brief." },
    { role: "user", content: [{ type: "text", text: "What does light.kitchen do in the evening?" }] },
  ],
  maxOutputTokens: 80,
};
const OBJECT: ModelCall = {
  ...ASK,
  responseFormat: {
    type: "json",
    name: "habit",
    schema: {
      type: "object",
      properties: { title: { type: "string" } },
      required: ["title"],
      additionalProperties: false,
    },
  },
};
const TOOL: ModelCall = {
  ...ASK,
  tools: [
    {
      type: "function",
      name: "look",
      inputSchema: { type: "object", properties: { at: { type: "string" } }, required: ["at"] },
    },
  ],
  toolChoice: { type: "required" },
};

/** What is compared: ids and metadata are each one's own. */
function essence({ content, finishReason, usage }: Pick<ModelResult, "content" | "finishReason" | "usage">) {
  return {
    content: content.map((part) => {
      if (part.type === "text") return part.text;
      return part.type === "tool-call" ? [part.toolName, JSON.parse(part.input) as unknown] : part.type;
    }),
    finish: finishReason.unified,
    input: usage.inputTokens.total,
    output: usage.outputTokens.total,
  };
}

async function readAll(parts: AsyncIterable<ModelPart>): Promise<ModelPart[]> {
  const read: ModelPart[] = [];
  for await (const part of parts) read.push(part);
  return read;
}

function textOf(parts: readonly ModelPart[]): string {
  return parts
    .map((part) => (part.type === "text-delta" || part.type === "tool-input-delta" ? part.delta : ""))
    .join("");
}

describe("our codecs and the AI SDK's packages", () => {
  const packages = [
    ["anthropic", "@ai-sdk/anthropic", "claude-haiku-4-5"],
    ["openai-compatible", "@ai-sdk/openai-compatible", "gpt-4o"],
  ] as const;
  for (const [kind, packageName, modelId] of packages) {
    it(`say the same to a ${kind} server and read the same from it`, async () => {
      await using simulator = createSimulator();
      const baseUrl = `${await simulator.start()}/v1`;
      const transport = createTransport();
      const open = async (config: ProviderConfig): Promise<Model> =>
        (await openProvider("it", config, { transport, clock: systemClock })).model(modelId);
      const ours = await open({ kind, apiKey: "k", baseUrl });
      const theirs = await open({ kind: "ai-sdk", package: packageName, apiKey: "k", baseUrl });
      for (const call of [ASK, OBJECT, TOOL]) {
        const whole = await ours.generate(call);
        assert.deepEqual(essence(whole), essence(await theirs.generate(call)));
        const streamed = textOf(await readAll(ours.stream(call)));
        assert.equal(streamed, textOf(await readAll(theirs.stream(call))));
        assert.ok(streamed.length > 0);
        assert.deepEqual(essence(await toAiSdk(ours).doGenerate(call)), essence(whole));
      }
      await transport.close();
    });
  }

  it("tell what to install when a package is missing, and what a package lacks that does not fit", async () => {
    const transport = createTransport();
    const open = (name: string) =>
      openProvider(
        "it",
        { kind: "ai-sdk", package: name, apiKey: "k", baseUrl: undefined },
        { transport, clock: systemClock },
      );
    await assert.rejects(open("@ai-sdk/is-not-installed"), (error) => {
      assert.ok(isErrorCode(error, "PROVIDER_MISSING"));
      assert.equal(error.advice, "Install it: npm install @ai-sdk/is-not-installed");
      return true;
    });
    await assert.rejects(open("zod"), { code: "CONFIG_INVALID" });
  });
});

const NONE = {
  inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 1, text: 1, reasoning: 0 },
};

/** A model of the AI SDK whose stream is written down. */
function scripted(parts: readonly LanguageModelV4StreamPart[], onCancel = (): void => undefined): LanguageModelV4 {
  return {
    specificationVersion: "v4",
    provider: "scripted",
    modelId: "m",
    supportedUrls: {},
    doGenerate: () =>
      Promise.reject(new APICallError({ message: "no", url: "", requestBodyValues: {}, statusCode: 429 })),
    doStream: async () => {
      let next = 0;
      return {
        stream: new ReadableStream<LanguageModelV4StreamPart>({
          pull(controller) {
            const part = parts[next++];
            if (part === undefined) controller.close();
            else controller.enqueue(part);
          },
          cancel: onCancel,
        }),
      };
    },
  };
}

describe("a model of the AI SDK as one of ours", () => {
  const options = { provider: "it", clock: systemClock };
  const delta: LanguageModelV4StreamPart[] = [
    { type: "text-start", id: "0" },
    { type: "text-delta", id: "0", delta: "half" },
  ];

  it("breaks off where its stream ends without a finish, interrupted, or with an error", async () => {
    const endings: readonly LanguageModelV4StreamPart[][] = [
      [],
      [{ type: "finish", usage: NONE, finishReason: { unified: "interrupted", raw: undefined } }],
      [{ type: "error", error: Object.assign(new Error("lost"), { code: "UND_ERR_SOCKET" }) }],
    ];
    for (const ending of endings) {
      await assert.rejects(readAll(fromAiSdk(scripted([...delta, ...ending]), options).stream(ASK)), (error) => {
        assert.ok(error instanceof ModelFailure);
        assert.deepEqual([error.isRetryable, error.next], [false, "if-held"]);
        assert.deepEqual(error.arrived?.content, [{ type: "text", text: "half" }]);
        return true;
      });
    }
  });

  it("cancels its stream when the reader leaves, and judges what generate threw", async () => {
    let canceled = 0;
    const model = fromAiSdk(
      scripted(delta, () => void canceled++),
      options,
    );
    for await (const part of model.stream(ASK)) if (part.type === "text-start") break;
    assert.equal(canceled, 1);
    await assert.rejects(
      model.generate(ASK),
      (error) => error instanceof ModelFailure && error.kind === "rate-limited",
    );
  });

  it("and back is the same stream, and an error before it is one of the call", async () => {
    const finish: LanguageModelV4StreamPart = {
      type: "finish",
      usage: NONE,
      finishReason: { unified: "stop", raw: "stop" },
    };
    const parts = [...delta, { type: "text-end", id: "0" } as const, finish];
    const { stream } = await toAiSdk(fromAiSdk(scripted(parts), options)).doStream(ASK);
    assert.deepEqual(await readAll(stream), parts);
    const failing: Model = {
      name: "m",
      provider: "it",
      generate: () => Promise.reject(new ModelFailure("overloaded", { status: 529 })),
      // oxlint-disable-next-line require-yield -- it fails before it has anything to give
      async *stream() {
        throw new ModelFailure("overloaded", { status: 529 });
      },
      limits: () => undefined,
    };
    for (const work of [toAiSdk(failing).doStream(ASK), toAiSdk(failing).doGenerate(ASK)]) {
      await assert.rejects(
        async () => work,
        (error) => APICallError.isInstance(error) && error.statusCode === 529 && error.isRetryable,
      );
    }
  });
});
