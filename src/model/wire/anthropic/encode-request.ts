import type { LanguageModelV4CallOptions, SharedV4Warning } from "@ai-sdk/provider";
import type { ModelCall } from "../../model.ts";
import { type Fields, fieldsOf, isFields, listOf, numberOf, textOf } from "../fields.ts";
import { refuse } from "../refuse.ts";
import { cacheControlOf, toMessages } from "./encode-prompt.ts";
import type { MessagesModelRules } from "./model-rules.ts";
import { outputFormatOf } from "./output-schema.ts";
import { MESSAGES_OPTIONS, type MessagesRequest, type Thinking, type Tool, type ToolChoice } from "./types.ts";

/** What a model without structured outputs is made to call, with the object as its input. */
export const ANSWER_TOOL = "answer";

export interface EncodeMessagesOptions {
  readonly modelId: string;
  readonly rules: MessagesModelRules;
  readonly isStreamed: boolean;
}

export interface EncodedMessages {
  readonly request: MessagesRequest;
  readonly headers: Readonly<Record<string, string>>;
  /** Settings that the model would refuse, and which were left out or changed. */
  readonly warnings: SharedV4Warning[];
  /** Whether the object comes as the input of ANSWER_TOOL. */
  readonly answersByTool: boolean;
}

const MOST_CACHE_MARKS = 4;

/** Writes a call as a request. Throws INPUT_INVALID for an option that the format cannot carry. */
export function encodeMessagesRequest(
  call: ModelCall,
  { modelId, rules, isStreamed }: EncodeMessagesOptions,
): EncodedMessages {
  refuseUnknown(call);
  const warnings: SharedV4Warning[] = [];
  const options = readOptions(call);
  const { thinking, effort } = toThinking(call, rules, options);
  const budget = thinking?.type === "enabled" ? thinking.budget_tokens : 0;
  const { system, messages } = toMessages(call.prompt, warnings);
  const schema = call.responseFormat?.type === "json" ? call.responseFormat.schema : undefined;
  const format = schema === undefined || !rules.hasJsonFormat ? undefined : outputFormatOf(schema);
  const answersByTool = schema !== undefined && format === undefined;
  const request: Record<string, unknown> & MessagesRequest = {
    model: modelId,
    // The budget for thinking counts towards the longest answer, and the caller means the text.
    max_tokens: Math.min(
      (call.maxOutputTokens ?? rules.maxOutputTokens) + budget,
      Math.max(rules.maxOutputTokens, call.maxOutputTokens ?? 0),
    ),
    messages,
  };
  set(request, "system", system);
  Object.assign(
    request,
    sampling(call, rules, { thinks: thinking !== undefined && thinking.type !== "disabled", warnings }),
  );
  set(request, "stop_sequences", call.stopSequences);
  Object.assign(request, toTools(call, answersByTool ? schema : undefined, options.disableParallelToolUse));
  set(request, "thinking", thinking);
  if (format !== undefined || effort !== undefined) {
    set(request, "output_config", {
      ...(effort === undefined ? {} : { effort }),
      ...(format === undefined ? {} : { format }),
    });
  }
  Object.assign(request, cacheControlOf(call.providerOptions), options.known);
  if (isStreamed) set(request, "stream", true);
  Object.assign(request, options.extraBody);
  refuseMarks(request);
  const headers: Record<string, string> = options.beta === "" ? {} : { "anthropic-beta": options.beta };
  return { request, headers, warnings, answersByTool };
}

function set(request: Record<string, unknown>, field: string, value: unknown): void {
  if (value !== undefined) request[field] = value;
}

/** Settings of the specification that Messages have no field for. */
const UNKNOWN = ["frequencyPenalty", "presencePenalty", "seed"] as const satisfies (keyof LanguageModelV4CallOptions)[];

function refuseUnknown(call: ModelCall): void {
  const unknown = UNKNOWN.find((name) => call[name] !== undefined);
  if (unknown !== undefined) throw refuse(unknown, "Messages have no such setting");
  if (call.responseFormat?.type === "json" && call.responseFormat.schema === undefined) {
    throw refuse("responseFormat", "Messages give JSON only by a schema", "Give responseFormat.schema.");
  }
}

function refuseMarks({ system, messages, tools = [], cache_control: automatic }: MessagesRequest): void {
  const parts = [typeof system === "string" ? [] : (system ?? []), ...messages.map(({ content }) => content), tools];
  let marks = automatic === undefined ? 0 : 1;
  for (const list of parts) for (const part of list) if ("cache_control" in part) marks += 1;
  if (marks <= MOST_CACHE_MARKS) return;
  throw refuse(
    "providerOptions.anthropic.cacheControl",
    `${marks} parts bear a mark, and at most ${MOST_CACHE_MARKS} may`,
    "Mark the ends of stable prefixes only.",
  );
}

interface ReadOptions {
  readonly known: Record<string, unknown>;
  readonly thinking: Fields | undefined;
  readonly effort: string | undefined;
  readonly disableParallelToolUse: boolean;
  /** Comma-separated. */
  readonly beta: string;
  readonly extraBody: Fields;
}

function readOptions({ providerOptions = {} }: ModelCall): ReadOptions {
  const {
    thinking,
    effort,
    disableParallelToolUse,
    anthropicBeta,
    metadata,
    cacheControl: _mark,
    extraBody,
    ...others
  } = providerOptions["anthropic"] ?? {};
  const known: Record<string, unknown> = {};
  const userId = fieldsOf(metadata)["userId"];
  if (userId !== undefined) known["metadata"] = { user_id: userId };
  for (const [name, value] of Object.entries(others)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(MESSAGES_OPTIONS, name)) {
      const advice = "Put what the API takes beyond the known options under extraBody.";
      throw refuse(`providerOptions.anthropic.${name}`, "there is no such option", advice);
    }
    known[MESSAGES_OPTIONS[name as keyof typeof MESSAGES_OPTIONS]] = value;
  }
  return {
    known,
    thinking: isFields(thinking) ? thinking : undefined,
    effort: textOf(effort),
    disableParallelToolUse: disableParallelToolUse === true,
    beta: listOf(anthropicBeta).join(","),
    extraBody: fieldsOf(extraBody),
  };
}

interface SamplingContext {
  readonly thinks: boolean;
  readonly warnings: SharedV4Warning[];
}

function sampling(
  call: ModelCall,
  { hasSampling }: MessagesModelRules,
  { thinks, warnings }: SamplingContext,
): Record<string, number> {
  const kept: Record<string, number> = {};
  for (const [feature, field] of [
    ["temperature", "temperature"],
    ["topP", "top_p"],
    ["topK", "top_k"],
  ] as const) {
    const value = call[feature];
    if (value === undefined) continue;
    if (!hasSampling || thinks) {
      warnings.push({
        type: "unsupported",
        feature,
        details: hasSampling ? "not taken while the model thinks" : "not taken by this model",
      });
    } else if (feature === "temperature" && value > 1) {
      warnings.push({ type: "unsupported", feature, details: "above 1, which is the most" });
      kept[field] = 1;
    } else kept[field] = value;
  }
  return kept;
}

/** Share of the longest answer that thinking may take where a model wants a budget. */
const BUDGET_SHARE = { minimal: 0.02, low: 0.1, medium: 0.3, high: 0.6, xhigh: 0.9, max: 0.95 } as const;
const LEAST_BUDGET = 1_024;

function toThinking(
  { reasoning }: ModelCall,
  rules: MessagesModelRules,
  { thinking, effort }: ReadOptions,
): { readonly thinking: Thinking | undefined; readonly effort: string | undefined } {
  if (thinking !== undefined) return { thinking: toOwnThinking(thinking), effort };
  if (reasoning === undefined || reasoning === "provider-default") return { thinking: undefined, effort };
  if (reasoning === "none") return { thinking: { type: "disabled" }, effort };
  if (rules.thinking === "budget") {
    const share = Math.round(rules.maxOutputTokens * BUDGET_SHARE[reasoning]);
    return { thinking: { type: "enabled", budget_tokens: Math.max(LEAST_BUDGET, share) }, effort };
  }
  const known = reasoning === "minimal" ? "low" : reasoning === "xhigh" && !rules.hasXhighEffort ? "high" : reasoning;
  return { thinking: { type: "adaptive" }, effort: effort ?? known };
}

function toOwnThinking({ type, budgetTokens, display }: Fields): Thinking {
  if (type === "adaptive") return { type, ...(typeof display === "string" ? { display } : {}) };
  if (type === "disabled") return { type };
  const budget = numberOf(budgetTokens);
  if (type === "enabled" && budget !== undefined) return { type, budget_tokens: budget };
  throw refuse("providerOptions.anthropic.thinking", "it must be adaptive, disabled, or enabled with budgetTokens");
}

function toTools(
  { tools = [], toolChoice }: ModelCall,
  answerSchema: object | undefined,
  isSerial: boolean,
): Pick<MessagesRequest, "tools" | "tool_choice"> {
  const serial = isSerial ? { disable_parallel_tool_use: true } : {};
  if (answerSchema !== undefined) {
    if (tools.length > 0)
      throw refuse("responseFormat", "this model gives an object only by a tool, and there are other tools");
    const description = "Answer with this tool, and with nothing else.";
    return {
      tools: [{ name: ANSWER_TOOL, description, input_schema: answerSchema }],
      tool_choice: { type: "tool", name: ANSWER_TOOL, disable_parallel_tool_use: true },
    };
  }
  if (tools.length === 0) return {};
  const choice = toToolChoice(toolChoice);
  const written =
    choice === undefined && !isSerial
      ? undefined
      : { ...(choice ?? { type: "auto" as const }), ...(choice?.type === "none" ? {} : serial) };
  return { tools: tools.map(toTool), ...(written === undefined ? {} : { tool_choice: written }) };
}

function toTool(tool: NonNullable<ModelCall["tools"]>[number], index: number): Tool {
  if (tool.type !== "function") {
    throw refuse(
      `tools[${index}]`,
      `the provider's own tool ${tool.id} is not known here`,
      "Put it under providerOptions.anthropic.extraBody.tools.",
    );
  }
  const { name, description, inputSchema, strict, providerOptions } = tool;
  return {
    name,
    ...(description === undefined ? {} : { description }),
    input_schema: inputSchema,
    ...(strict === undefined ? {} : { strict }),
    ...cacheControlOf(providerOptions),
  };
}

function toToolChoice(choice: ModelCall["toolChoice"]): ToolChoice | undefined {
  switch (choice?.type) {
    case undefined:
      return undefined;
    case "required":
      return { type: "any" };
    case "tool":
      return { type: "tool", name: choice.toolName };
    case "auto":
    case "none":
      return { type: choice.type };
  }
}
