import type { SharedV4Warning } from "@ai-sdk/provider";
import type { ModelCall } from "../../model.ts";
import { type Fields, isFields } from "../fields.ts";
import { refuse } from "../refuse.ts";
import { toChatMessages } from "./encode-prompt.ts";
import type { ChatModelRules } from "./model-rules.ts";
import {
  CHAT_OPTIONS,
  type ChatRequest,
  type ChatResponseFormat,
  type ChatTool,
  type ChatToolChoice,
} from "./types.ts";

/** OpenAI itself, whose models have rules, or a server that speaks the same and takes what it takes. */
export type ChatDialect = "openai" | "compatible";

export interface EncodeChatOptions {
  readonly modelId: string;
  readonly rules: ChatModelRules;
  readonly dialect: ChatDialect;
  readonly isStreamed: boolean;
}

export interface EncodedChat {
  readonly request: ChatRequest;
  /** Settings that the model would refuse, and which were left out. */
  readonly warnings: SharedV4Warning[];
}

/** Writes a call as a request. Throws INPUT_INVALID for an option that the format cannot carry. */
export function encodeChatRequest(
  call: ModelCall,
  { modelId, rules, dialect, isStreamed }: EncodeChatOptions,
): EncodedChat {
  const { isReasoning, samplesWithoutReasoning } = rules;
  const { known, effort, isStrict, extraBody } = readOptions(call, dialect);
  const hasSampling = !isReasoning || (samplesWithoutReasoning && effort === "none");
  const warnings: SharedV4Warning[] = [];
  if (call.topK !== undefined && dialect === "openai") throw refuse("topK", "chat completions have no such setting");

  function sampling(feature: string, value: number | undefined): number | undefined {
    if (value === undefined || hasSampling) return value;
    warnings.push({ type: "unsupported", feature, details: `${modelId} takes no ${feature} while it reasons` });
    return undefined;
  }

  const request: Record<string, unknown> & ChatRequest = {
    model: modelId,
    messages: toChatMessages(call.prompt, {
      systemRole: isReasoning ? "developer" : "system",
      sendsReasoning: dialect === "compatible",
    }),
  };
  set(request, isReasoning ? "max_completion_tokens" : "max_tokens", call.maxOutputTokens);
  set(request, "temperature", sampling("temperature", call.temperature));
  set(request, "top_p", sampling("topP", call.topP));
  set(request, "top_k", call.topK);
  set(request, "frequency_penalty", sampling("frequencyPenalty", call.frequencyPenalty));
  set(request, "presence_penalty", sampling("presencePenalty", call.presencePenalty));
  set(request, "stop", call.stopSequences);
  set(request, "seed", call.seed);
  set(request, "response_format", toResponseFormat(call.responseFormat, isStrict));
  if (call.tools !== undefined && call.tools.length > 0) {
    set(request, "tools", call.tools.map(toTool));
    set(request, "tool_choice", toToolChoice(call.toolChoice));
  }
  set(request, "reasoning_effort", effort);
  if (isStreamed) {
    set(request, "stream", true);
    set(request, "stream_options", { include_usage: true });
  }
  Object.assign(request, known, extraBody);
  return { request, warnings };
}

function set(request: Record<string, unknown>, field: string, value: unknown): void {
  if (value !== undefined) request[field] = value;
}

interface ReadOptions {
  readonly known: Record<string, unknown>;
  readonly effort: string | undefined;
  readonly isStrict: boolean;
  readonly extraBody: Fields;
}

/** Which keys of `providerOptions` count; a compatible server gets OpenAI's too, so that one call serves both. */
const NAMESPACES = { openai: ["openai"], compatible: ["openai", "openaiCompatible"] } as const;

function readOptions({ providerOptions = {}, reasoning }: ModelCall, dialect: ChatDialect): ReadOptions {
  const known: Record<string, unknown> = {};
  let effort: string | undefined = reasoning === "provider-default" ? undefined : reasoning;
  let isStrict = true;
  let extraBody: Fields = {};
  for (const namespace of NAMESPACES[dialect]) {
    for (const [name, value] of Object.entries(providerOptions[namespace] ?? {})) {
      if (value === undefined) continue;
      const path = `providerOptions.${namespace}.${name}`;
      if (Object.hasOwn(CHAT_OPTIONS, name)) known[CHAT_OPTIONS[name as keyof typeof CHAT_OPTIONS]] = value;
      else if (name === "strictJsonSchema") isStrict = value !== false;
      else if (name === "reasoningEffort" && typeof value === "string") effort = value;
      else if (name === "logprobs") Object.assign(known, toLogprobs(value));
      else if (name === "extraBody" && isFields(value)) extraBody = value;
      else throw refuse(path, "there is no such option", "Put what the server takes beyond them under extraBody.");
    }
  }
  return { known, effort, isStrict, extraBody };
}

/** `true`, or how many of the likeliest tokens to tell for each. */
function toLogprobs(value: unknown): Fields {
  if (typeof value === "number") return { logprobs: true, top_logprobs: value };
  return value === true ? { logprobs: true } : {};
}

function toResponseFormat(format: ModelCall["responseFormat"], isStrict: boolean): ChatResponseFormat | undefined {
  if (format === undefined || format.type === "text") return undefined;
  const { schema, name = "response", description } = format;
  if (schema === undefined) return { type: "json_object" };
  return {
    type: "json_schema",
    json_schema: { name, ...(description === undefined ? {} : { description }), schema, strict: isStrict },
  };
}

function toTool(tool: NonNullable<ModelCall["tools"]>[number], index: number): ChatTool {
  if (tool.type !== "function") {
    throw refuse(`tools[${index}]`, `chat completions run no tool of the provider's own such as ${tool.id}`);
  }
  const { name, description, inputSchema, strict } = tool;
  return {
    type: "function",
    function: {
      name,
      ...(description === undefined ? {} : { description }),
      parameters: inputSchema,
      ...(strict === undefined ? {} : { strict }),
    },
  };
}

function toToolChoice(choice: ModelCall["toolChoice"]): ChatToolChoice | undefined {
  if (choice === undefined) return undefined;
  return choice.type === "tool" ? { type: "function", function: { name: choice.toolName } } : choice.type;
}
