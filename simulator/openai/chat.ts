import type { Dialect } from "../lane.ts";
import {
  type Fields,
  type Format,
  isObject,
  objectsOf,
  type Question,
  textOf,
  type Tool,
  type Turn,
} from "../question.ts";
import { toChatCompletion, toChatFrames } from "./chat-reply.ts";
import { checkChat } from "./check-chat.ts";
import { openAiLane } from "./lane.ts";
import { alternativesOf } from "./log-probabilities.ts";
import { tokensOf, toPrompt, toServiceTier } from "./prompt.ts";
import { reasoningTokens } from "./reasoning.ts";

/** OpenAI's chat completions. Without structured outputs it answers `json_schema` as servers do that do not know it. */
export function createChat({ structuredOutputs }: { readonly structuredOutputs: boolean }): Dialect {
  return {
    lane: openAiLane,
    parse(body) {
      const mistake = checkChat(body, structuredOutputs);
      return mistake === undefined ? { ok: true, question: toQuestion(body as Fields) } : { ok: false, ...mistake };
    },
    reply: toChatCompletion,
    stream: toChatFrames,
    errorFrame: ({ body }) => `data: ${JSON.stringify(body)}\n\n`,
  };
}

function toQuestion(body: Fields): Question {
  const { model, messages, stop, n, tool_choice: choice, stream_options: streamOptions, tools } = body;
  const parts = objectsOf(messages);
  const callable = objectsOf(tools).map(toTool);
  return {
    model: String(model),
    system: parts
      .filter(isSystem)
      .map(({ content }) => textOf(content))
      .join("\n"),
    turns: parts.filter((part) => !isSystem(part)).map(toTurn),
    maxTokens: tokensOf(body["max_completion_tokens"]) ?? tokensOf(body["max_tokens"]),
    format: toFormat(body, callable),
    tools: choice === "none" ? [] : callable,
    hasParallelTools: body["parallel_tool_calls"] !== false,
    stop: typeof stop === "string" ? [stop] : Array.isArray(stop) ? stop.map(String) : [],
    count: typeof n === "number" ? n : 1,
    reasoningTokens: reasoningTokens(String(model), body["reasoning_effort"]),
    prompt: toPrompt(body, promptTexts(body)),
    alternatives: alternativesOf(body),
    serviceTier: toServiceTier(body["service_tier"]),
    isStreamed: body["stream"] === true,
    wantsUsage: isObject(streamOptions) && streamOptions["include_usage"] === true,
  };
}

function isSystem({ role }: Fields): boolean {
  return role === "system" || role === "developer";
}

function toTool({ function: inner }: Fields): Tool {
  const { name, parameters } = isObject(inner) ? inner : {};
  return { name: String(name), schema: parameters };
}

function toTurn({ role, content }: Fields): Turn {
  const known = role === "assistant" || role === "user" ? role : "tool";
  return { role: known, text: textOf(content) };
}

function toFormat({ response_format: format, tool_choice: choice }: Fields, tools: readonly Tool[]): Format {
  if (isObject(format) && format["type"] === "json_object") return { kind: "json", schema: undefined };
  if (isObject(format) && format["type"] === "json_schema" && isObject(format["json_schema"])) {
    return { kind: "json", schema: format["json_schema"]["schema"] };
  }
  const wanted = isObject(choice) && isObject(choice["function"]) ? choice["function"]["name"] : undefined;
  const forced = tools.find(({ name }) => choice === "required" || name === wanted);
  return forced === undefined ? { kind: "text" } : { kind: "tool", ...forced };
}

/** Tools and schema first, as the provider puts them. */
function promptTexts({ tools, response_format: format, messages }: Fields): readonly string[] {
  return [
    ...objectsOf(tools).map((tool) => JSON.stringify(tool["function"])),
    isObject(format) && isObject(format["json_schema"]) ? JSON.stringify(format["json_schema"]["schema"]) : "",
    ...objectsOf(messages).map(({ content, tool_calls: calls }) => {
      const called = objectsOf(calls).map((call) => JSON.stringify(call["function"]));
      return [textOf(content), ...called].filter((text) => text !== "").join("\n");
    }),
  ];
}
