import { type BadRequest, type Fields, isObject, objectsOf } from "../question.ts";
import { checkReasoning, isReasoningModel } from "./reasoning.ts";

const ROLES = ["system", "developer", "user", "assistant", "tool", "function"];
const FORMATS = ["text", "json_object", "json_schema"];
const MOST_CHOICES = 128;
const MOST_STOPS = 4;

/** Finds what is wrong with a request for a chat completion. */
export function checkChat(body: unknown, structuredOutputs: boolean): BadRequest | undefined {
  if (!isObject(body)) return { field: null, message: "We could not parse the JSON body of your request." };
  for (const check of CHECKS) {
    const mistake = check(body, structuredOutputs);
    if (mistake !== undefined) return mistake;
  }
  return undefined;
}

type Check = (body: Fields, structuredOutputs: boolean) => BadRequest | undefined;

const CHECKS: readonly Check[] = [
  ({ model }) => {
    if (typeof model === "string" && model !== "") return undefined;
    return { field: "model", message: "you must provide a model parameter" };
  },
  checkMessages,
  checkCallsAnswered,
  checkStream,
  checkFormat,
  checkNumbers,
  checkRanges,
  (body) => checkReasoning(body, body["reasoning_effort"]),
  ({ model, max_tokens: older }) => {
    if (older === undefined || older === null || !isReasoningModel(String(model))) return undefined;
    const message =
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.";
    return { field: "max_tokens", message, code: "unsupported_parameter" };
  },
  checkLogProbabilities,
  checkTools,
  ({ stream, stream_options: options }) => {
    if (stream === true || options === undefined || options === null) return undefined;
    return {
      field: "stream_options",
      message: "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
    };
  },
];

function checkMessages({ messages }: Fields): BadRequest | undefined {
  if (!Array.isArray(messages)) return { field: "messages", message: "Missing required parameter: 'messages'." };
  if (messages.length === 0) return { field: "messages", message: "Invalid 'messages': empty array." };
  const asked = new Set<unknown>();
  for (const [index, message] of messages.entries()) {
    const role: unknown = isObject(message) ? message["role"] : undefined;
    if (!isObject(message) || !ROLES.includes(String(role))) {
      const field = `messages[${index}].role`;
      return { field, message: `'${field}' must be one of: ${ROLES.join(", ")}.` };
    }
    const mistake = checkContent(message, `messages[${index}].content`);
    if (mistake !== undefined) return mistake;
    for (const { id } of objectsOf(message["tool_calls"])) asked.add(id);
    if (role === "tool" && !asked.has(message["tool_call_id"])) {
      const said = "messages with role 'tool' must be a response to a preceding message with 'tool_calls'.";
      return { field: `messages[${index}].tool_call_id`, message: `Invalid parameter: ${said}` };
    }
  }
  return undefined;
}

/** Only an assistant that calls tools may say nothing. */
function checkContent({ role, content }: Fields, field: string): BadRequest | undefined {
  if (typeof content === "string" || (Array.isArray(content) && content.every(isObject))) return undefined;
  if (role === "assistant" && (content === undefined || content === null)) return undefined;
  const message = `Invalid value for '${field}': expected a string or an array of objects.`;
  return { field, message, code: "invalid_type" };
}

/** Every call of a tool is answered before anybody else speaks. */
function checkCallsAnswered({ messages }: Fields): BadRequest | undefined {
  const list = objectsOf(messages);
  for (const [index, message] of list.entries()) {
    const after = list.slice(index + 1);
    const end = after.findIndex(({ role }) => role !== "tool");
    const answered = new Set(after.slice(0, end === -1 ? after.length : end).map(({ tool_call_id: id }) => id));
    const missing = objectsOf(message["tool_calls"]).flatMap(({ id }) => (answered.has(id) ? [] : [String(id)]));
    if (missing.length === 0) continue;
    const said =
      "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'.";
    return {
      field: `messages[${index}].tool_calls`,
      message: `${said} The following tool_call_ids did not have response messages: ${missing.join(", ")}`,
    };
  }
  return undefined;
}

function checkStream({ stream }: Fields): BadRequest | undefined {
  if (stream === undefined || stream === null || typeof stream === "boolean") return undefined;
  return { field: "stream", message: "Invalid type for 'stream': expected a boolean.", code: "invalid_type" };
}

function checkFormat({ response_format: format }: Fields, structuredOutputs: boolean): BadRequest | undefined {
  if (format === undefined || format === null) return undefined;
  const type = isObject(format) ? format["type"] : undefined;
  if (!isObject(format) || !FORMATS.includes(String(type))) {
    return { field: "response_format.type", message: `'response_format.type' must be one of: ${FORMATS.join(", ")}.` };
  }
  if (type !== "json_schema") return undefined;
  const inner = format["json_schema"];
  if (!isObject(inner) || !isObject(inner["schema"])) {
    return { field: "response_format", message: "Missing required parameter: 'response_format.json_schema.schema'." };
  }
  if (structuredOutputs) return undefined;
  return {
    field: "response_format",
    message: "Invalid parameter: 'response_format' of type 'json_schema' is not supported.",
  };
}

/** Least and most of each number. */
const RANGES: Readonly<Record<string, readonly [number, number]>> = {
  temperature: [0, 2],
  top_p: [0, 1],
  presence_penalty: [-2, 2],
  frequency_penalty: [-2, 2],
  max_tokens: [1, Number.MAX_SAFE_INTEGER],
  max_completion_tokens: [1, Number.MAX_SAFE_INTEGER],
};

function checkRanges(body: Fields): BadRequest | undefined {
  for (const [field, [least, most]] of Object.entries(RANGES)) {
    const value = body[field];
    if (value === undefined || value === null) continue;
    if (typeof value !== "number")
      return { field, message: `Invalid type for '${field}': expected a number.`, code: "invalid_type" };
    if (value < least) {
      const message = `Invalid '${field}': expected a value >= ${least}, but got ${value} instead.`;
      return { field, message, code: "decimal_below_min_value" };
    }
    if (value > most) {
      const message = `Invalid '${field}': expected a value <= ${most}, but got ${value} instead.`;
      return { field, message, code: "decimal_above_max_value" };
    }
  }
  return undefined;
}

function checkNumbers({ n, stop }: Fields): BadRequest | undefined {
  if (n !== undefined && n !== null && !(Number.isInteger(n) && Number(n) >= 1 && Number(n) <= MOST_CHOICES)) {
    return {
      field: "n",
      message: `Invalid 'n': expected an integer from 1 to ${MOST_CHOICES}.`,
      code: "invalid_value",
    };
  }
  if (!Array.isArray(stop) || stop.length <= MOST_STOPS) return undefined;
  const message = `Invalid 'stop': array too long. Expected an array with maximum length ${MOST_STOPS}.`;
  return { field: "stop", message, code: "array_above_max_length" };
}

const MOST_ALTERNATIVES = 20;

function checkLogProbabilities({ model, logprobs, top_logprobs: top }: Fields): BadRequest | undefined {
  const isGiven = typeof top === "number";
  if (logprobs !== true && !isGiven) return undefined;
  if (isReasoningModel(String(model))) {
    const message = "Unsupported parameter: 'logprobs' is not supported with this model.";
    return { field: "logprobs", message, code: "unsupported_parameter" };
  }
  const field = "top_logprobs";
  if (logprobs !== true) return { field, message: "The 'top_logprobs' parameter is only allowed with 'logprobs'." };
  if (!isGiven || (Number.isInteger(top) && top >= 0 && top <= MOST_ALTERNATIVES)) return undefined;
  return {
    field,
    message: `Invalid 'top_logprobs': expected an integer from 0 to ${MOST_ALTERNATIVES}.`,
    code: "invalid_value",
  };
}

function checkTools({ tools, tool_choice: choice }: Fields): BadRequest | undefined {
  if (tools !== undefined && tools !== null && !Array.isArray(tools)) {
    return { field: "tools", message: "Invalid type for 'tools': expected an array." };
  }
  const names = objectsOf(tools).map(({ function: inner }) => (isObject(inner) ? inner["name"] : undefined));
  const unnamed = names.findIndex((name) => typeof name !== "string" || name === "");
  if (unnamed !== -1) {
    const field = `tools[${unnamed}].function.name`;
    return { field, message: `Missing required parameter: '${field}'.`, code: "missing_required_parameter" };
  }
  if (names.length === 0 && choice !== undefined && choice !== null && choice !== "none" && choice !== "auto") {
    return {
      field: "tool_choice",
      message: "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.",
    };
  }
  const wanted = isObject(choice) && isObject(choice["function"]) ? choice["function"]["name"] : undefined;
  if (wanted === undefined || names.includes(wanted)) return undefined;
  return { field: "tool_choice", message: `Tool choice ${JSON.stringify(wanted)} not found in 'tools' parameter.` };
}
