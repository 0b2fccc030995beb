import type { Dialect } from "../lane.ts";
import {
  type BadRequest,
  type Fields,
  type Format,
  isObject,
  objectsOf,
  type Question,
  textOf,
  type Tool,
  type Turn,
} from "../question.ts";
import { openAiLane } from "./lane.ts";
import { tokensOf, toPrompt, toServiceTier } from "./prompt.ts";
import { checkReasoning, reasoningTokens } from "./reasoning.ts";
import { toResponse, toResponseFrames } from "./response-reply.ts";
import type { ResponseStore } from "./response-store.ts";

/** What an earlier response was asked and said, for `previous_response_id`. */
type Earlier = (id: string) => readonly Fields[] | undefined;

/** OpenAI's responses: `POST /v1/responses`. What is not asked with `store: false` is kept in `store`. */
export function createResponses(store: ResponseStore): Dialect {
  const earlier: Earlier = (id) => store.get(id)?.conversation;
  return {
    lane: openAiLane,
    parse(body) {
      if (!isObject(body))
        return { ok: false, field: null, message: "We could not parse the JSON body of your request." };
      const mistake = check(body, earlier);
      return mistake === undefined ? { ok: true, question: toQuestion(body, earlier) } : { ok: false, ...mistake };
    },
    reply: toResponse,
    remember(body, answer) {
      if (!isObject(body) || body["store"] === false) return;
      const response = toResponse(answer);
      const input = inputItems(body);
      const conversation = [...earlierItems(body, earlier), ...input, ...objectsOf(response.output)];
      store.keep({ response, input, conversation });
    },
    stream: toResponseFrames,
    errorFrame({ body }) {
      const { message, param, code, type } = body.error;
      const event = { type: "error", sequence_number: 0, code: code ?? type, message, param };
      return `event: error\ndata: ${JSON.stringify(event)}\n\n`;
    },
  };
}

function check(body: Fields, earlier: Earlier): BadRequest | undefined {
  const { model, input, previous_response_id: previous, background, reasoning, tools, tool_choice: choice } = body;
  if (typeof model !== "string" || model === "")
    return { field: "model", message: "you must provide a model parameter" };
  if (typeof input !== "string" && !Array.isArray(input)) {
    return { field: "input", message: "Missing required parameter: 'input'.", code: "missing_required_parameter" };
  }
  if (Array.isArray(input) && input.length === 0) {
    return { field: "input", message: "Invalid 'input': empty array.", code: "empty_array" };
  }
  if (typeof previous === "string" && earlier(previous) === undefined) {
    const message = `Previous response with id '${previous}' not found.`;
    return { field: "previous_response_id", message, code: "previous_response_not_found" };
  }
  if (background === true) {
    return {
      field: "background",
      message: "Unsupported parameter: 'background' is not supported.",
      code: "unsupported_parameter",
    };
  }
  const strange = objectsOf(tools).findIndex(({ type }) => type !== "function");
  if (strange !== -1) {
    const field = `tools[${strange}].type`;
    return { field, message: `Invalid value for '${field}': only 'function' is supported.`, code: "invalid_value" };
  }
  const wanted = isObject(choice) ? choice["name"] : undefined;
  if (wanted !== undefined && !objectsOf(tools).some(({ name }) => name === wanted)) {
    return { field: "tool_choice", message: `Tool choice ${JSON.stringify(wanted)} not found in 'tools' parameter.` };
  }
  return checkReasoning(body, isObject(reasoning) ? reasoning["effort"] : undefined);
}

function toQuestion(body: Fields, earlier: Earlier): Question {
  const { model, instructions, tools, tool_choice: choice, reasoning } = body;
  const items = [...earlierItems(body, earlier), ...inputItems(body)];
  const spoken = items.filter(
    (item) => !isSystem(item) && item["type"] !== "reasoning" && item["type"] !== "function_call",
  );
  const system = [
    typeof instructions === "string" ? instructions : "",
    ...items.filter(isSystem).map(({ content }) => textOf(content)),
  ];
  const callable = objectsOf(tools).map(({ name, parameters }): Tool => ({ name: String(name), schema: parameters }));
  return {
    model: String(model),
    system: system.filter((text) => text !== "").join("\n"),
    turns: spoken.map(toTurn),
    maxTokens: tokensOf(body["max_output_tokens"]),
    format: toFormat(body, callable),
    tools: choice === "none" ? [] : callable,
    hasParallelTools: body["parallel_tool_calls"] !== false,
    stop: [],
    count: 1,
    reasoningTokens: reasoningTokens(String(model), isObject(reasoning) ? reasoning["effort"] : undefined),
    prompt: toPrompt(body, [
      ...callable.map((tool) => JSON.stringify(tool)),
      ...(isObject(body["text"]) ? [JSON.stringify(body["text"])] : []),
      ...system,
      ...items.filter((item) => !isSystem(item)).map(itemText),
    ]),
    serviceTier: toServiceTier(body["service_tier"]),
    isStreamed: body["stream"] === true,
    wantsUsage: true,
  };
}

function earlierItems({ previous_response_id: previous }: Fields, earlier: Earlier): readonly Fields[] {
  return typeof previous === "string" ? (earlier(previous) ?? []) : [];
}

/** The input as items; a text is the user's message. */
function inputItems({ input }: Fields): readonly Fields[] {
  return typeof input === "string" ? [{ role: "user", content: input }] : objectsOf(input);
}

function isSystem({ role }: Fields): boolean {
  return role === "system" || role === "developer";
}

function toTurn(item: Fields): Turn {
  if (item["type"] === "function_call_output") return { role: "tool", text: itemText(item) };
  return { role: item["role"] === "assistant" ? "assistant" : "user", text: textOf(item["content"]) };
}

function itemText({ type, content, output, name, arguments: given }: Fields): string {
  if (type === "function_call") return `${String(name)} ${String(given)}`;
  if (type === "function_call_output") return typeof output === "string" ? output : JSON.stringify(output);
  return textOf(content);
}

function toFormat({ text, tool_choice: choice }: Fields, tools: readonly Tool[]): Format {
  const format = isObject(text) ? text["format"] : undefined;
  if (isObject(format) && format["type"] === "json_object") return { kind: "json", schema: undefined };
  if (isObject(format) && format["type"] === "json_schema") return { kind: "json", schema: format["schema"] };
  const wanted = isObject(choice) ? choice["name"] : undefined;
  const forced = tools.find(({ name }) => choice === "required" || name === wanted);
  return forced === undefined ? { kind: "text" } : { kind: "tool", ...forced };
}
