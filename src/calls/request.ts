import type {
  LanguageModelV4CallOptions,
  LanguageModelV4GenerateResult,
  LanguageModelV4Prompt,
} from "@ai-sdk/provider";
import { ModelFailure } from "../model/failure.ts";
import { toModelFailure } from "../model/to-model-failure.ts";
import { toTokens } from "../model/usage.ts";
import type { OpenedModel } from "./models.ts";
import type { WireSchema } from "./json-schema.ts";
import type { Tally } from "./tally.ts";

/** One request to a model, and what the answer must be. */
export interface ModelRequest {
  readonly prompt: LanguageModelV4Prompt;
  readonly maxOutputTokens: number;
  /** Absent: the answer is text. */
  readonly schema?: { readonly name: string; readonly wire: WireSchema };
  readonly headers: Readonly<Record<string, string>>;
}

export interface SendOptions {
  readonly tally: Tally;
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch, now. */
  readonly now: () => number;
}

/** Sends one request and gives the whole text of its answer. Throws ModelFailure for everything that is not a whole answer. */
export async function sendRequest(
  model: OpenedModel,
  request: ModelRequest,
  { tally, signal, now }: SendOptions,
): Promise<string> {
  tally.sent();
  try {
    const result = await model.language.doGenerate(toCallOptions(request, signal));
    const tokens = toTokens(result.usage);
    tally.used(tokens, model.priceOf(tokens));
    return wholeText(result, request.maxOutputTokens);
  } catch (error) {
    if (error instanceof ModelFailure) throw error;
    const failure = toModelFailure(error, now());
    if (failure.mayBeBilled || signal.aborted) tally.usedUnknown();
    throw failure;
  }
}

function toCallOptions(
  { prompt, maxOutputTokens, schema, headers }: ModelRequest,
  abortSignal: AbortSignal,
): LanguageModelV4CallOptions {
  const base = { prompt, maxOutputTokens, headers: { ...headers }, abortSignal };
  if (schema === undefined) return base;
  const strict = { strictJsonSchema: schema.wire.isStrict };
  return {
    ...base,
    responseFormat: { type: "json", schema: schema.wire.json, name: schema.name },
    providerOptions: { openai: strict, openaiCompatible: strict },
  };
}

/** Only an answer that the model itself ended counts. */
function wholeText(result: LanguageModelV4GenerateResult, maxOutputTokens: number): string {
  const { content, finishReason, structuredOutputText } = result;
  const text = structuredOutputText ?? content.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("");
  switch (finishReason.unified) {
    case "stop":
      if (text.trim() === "") throw new ModelFailure("unusable", { detail: "the answer is empty" });
      return text;
    case "length":
      throw new ModelFailure("cut", { detail: `raise maxOutputTokens above ${maxOutputTokens}, or ask for less` });
    case "content-filter":
      throw new ModelFailure("refused", { detail: text });
    case "interrupted":
    case "error":
      throw new ModelFailure("interrupted", { detail: finishReason.raw });
    case "tool-calls":
    case "other":
      throw new ModelFailure("unusable", { detail: `it ended with ${finishReason.raw ?? finishReason.unified}` });
  }
}
