import {
  isObject,
  type Fields,
  type Format,
  objectsOf,
  type Parsed,
  type Prompt,
  type PromptBlock,
  type Question,
  textOf,
  type Tool,
  type Turn,
} from "../question.ts";
import type { Dialect } from "../lane.ts";
import { checkMessages } from "./check-messages.ts";
import { anthropicLane } from "./lane.ts";
import { toMessage, toMessageFrames } from "./message-reply.ts";

/** Anthropic's Messages: `POST /v1/messages`. */
export const messages: Dialect = {
  lane: anthropicLane,
  parse: (body, headers) => parseMessages(body, headers["anthropic-version"], false),
  reply: toMessage,
  stream: toMessageFrames,
  errorFrame: ({ body }) => `event: error\ndata: ${JSON.stringify({ type: "error", error: body.error })}\n\n`,
};

/** Reads a question, or only what its tokens are counted of. */
export function parseMessages(body: unknown, version: string | string[] | undefined, isCount: boolean): Parsed {
  const mistake = checkMessages(body, version, isCount);
  if (mistake !== undefined) return { ok: false, ...mistake };
  return { ok: true, question: toQuestion(body as Fields) };
}

function toQuestion(body: Fields): Question {
  const { model, max_tokens: maxTokens, system, messages: list, stop_sequences: stop, tool_choice: choice } = body;
  const tools = objectsOf(body["tools"]).map(toTool);
  const isBarred = isObject(choice) && choice["type"] === "none";
  return {
    model: String(model),
    system: textOf(system),
    turns: objectsOf(list).map(toTurn),
    maxTokens: typeof maxTokens === "number" ? maxTokens : undefined,
    format: toFormat(body, tools),
    tools: isBarred ? [] : tools,
    hasParallelTools: !(isObject(choice) && choice["disable_parallel_tool_use"] === true),
    stop: Array.isArray(stop) ? stop.map(String) : [],
    count: 1,
    reasoningTokens: thinkingTokens(body),
    prompt: toPrompt(body),
    serviceTier: "standard",
    isStreamed: body["stream"] === true,
    wantsUsage: true,
  };
}

function toTool({ name, input_schema: schema }: Fields): Tool {
  return { name: String(name), schema };
}

function toTurn({ role, content }: Fields): Turn {
  const results = objectsOf(content).filter(({ type }) => type === "tool_result");
  if (results.length > 0) return { role: "tool", text: results.map((result) => textOf(result["content"])).join("\n") };
  return { role: role === "assistant" ? "assistant" : "user", text: textOf(content) };
}

function toFormat(
  { output_config: config, output_format: older, tool_choice: choice }: Fields,
  tools: readonly Tool[],
): Format {
  const format = isObject(config) ? (config["format"] ?? older) : older;
  if (isObject(format) && format["type"] === "json_schema") return { kind: "json", schema: format["schema"] };
  if (!isObject(choice)) return { kind: "text" };
  const { type, name } = choice;
  const forced = type === "any" ? tools[0] : type === "tool" ? tools.find((tool) => tool.name === name) : undefined;
  return forced === undefined ? { kind: "text" } : { kind: "tool", ...forced };
}

/** How much an adaptive thinker may think, by its effort. */
const EFFORTS: Readonly<Record<string, number>> = { low: 128, medium: 512, high: 1_024, xhigh: 2_048, max: 4_096 };

function thinkingTokens({ thinking, output_config: config }: Fields): number {
  if (!isObject(thinking) || thinking["type"] === "disabled") return 0;
  const { budget_tokens: budget } = thinking;
  if (typeof budget === "number") return budget;
  const effort = isObject(config) ? config["effort"] : undefined;
  return EFFORTS[typeof effort === "string" ? effort : "high"] ?? 1_024;
}

/** In the order in which the provider caches: tools, system, messages. What is no text counts as its JSON, media as nothing. */
function toPrompt(body: Fields): Prompt {
  const { tools, system, messages: list, cache_control: top, output_config: config, output_format: older } = body;
  const format = isObject(config) ? (config["format"] ?? older) : older;
  const blocks: PromptBlock[] = [
    ...objectsOf(tools).map(({ cache_control: cache, ...tool }) => ({ text: JSON.stringify(tool), ttl: ttlOf(cache) })),
    ...(isObject(format) ? [{ text: JSON.stringify(format), ttl: undefined }] : []),
    ...blocksOf(system),
    ...objectsOf(list).flatMap(({ content }) => blocksOf(content)),
  ];
  const last = blocks.at(-1);
  if (last !== undefined && isObject(top)) blocks[blocks.length - 1] = { ...last, ttl: last.ttl ?? ttlOf(top) };
  return { blocks, caching: { kind: "breakpoints" } };
}

function blocksOf(content: unknown): readonly PromptBlock[] {
  if (typeof content === "string") return [{ text: content, ttl: undefined }];
  return objectsOf(content).map((block) => ({ text: blockText(block), ttl: ttlOf(block["cache_control"]) }));
}

function blockText({ type, text, content, input, name, thinking }: Fields): string {
  switch (type) {
    case "text":
      return String(text);
    case "tool_use":
      return `${String(name)} ${JSON.stringify(input)}`;
    case "tool_result":
      return textOf(content);
    case "thinking":
      return String(thinking);
    default:
      return "";
  }
}

function ttlOf(cache: unknown): PromptBlock["ttl"] {
  if (!isObject(cache)) return undefined;
  return cache["ttl"] === "1h" ? "1h" : "5m";
}
