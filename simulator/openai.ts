import {
  type BadRequest,
  type Completion,
  type ErrorReply,
  type Format,
  isObject,
  type Lane,
  type Parsed,
  piecesOf,
  type Question,
  textOf,
  type Turn,
} from "./lane.ts";

/** OpenAI's chat completions. Without structured outputs it answers `json_schema` as servers do that do not know it. */
export function createOpenAiLane({ structuredOutputs }: { readonly structuredOutputs: boolean }): Lane {
  return {
    requestIdHeader: "x-request-id",
    headers: { "openai-organization": "simulated", "openai-version": "2020-10-01" },
    parse: (body) => parse(body, structuredOutputs),
    reply: toCompletion,
    stream: toFrames,
    badRequest: ({ field, message }) => error(400, { type: "invalid_request_error", message, param: field }),
    notFound: (method, path) =>
      error(404, { type: "invalid_request_error", message: `Invalid URL (${method} ${path})` }),
    unauthorized: (hasKey) =>
      hasKey
        ? error(401, { type: "invalid_request_error", code: "invalid_api_key", message: "Incorrect API key provided." })
        : error(401, { type: "invalid_request_error", message: "You didn't provide an API key." }),
    tooLarge: () => error(413, { type: "invalid_request_error", message: "The request body is too large." }),
    fault(fault) {
      switch (fault) {
        case "rate-limit":
        case "rate-limit-bare":
          return error(429, {
            type: "requests",
            code: "rate_limit_exceeded",
            message: "Rate limit reached for requests.",
          });
        case "server-error":
          return error(500, {
            type: "server_error",
            message: "The server had an error while processing your request.",
          });
        case "overloaded":
          return error(503, {
            type: "service_unavailable_error",
            code: "server_is_overloaded",
            message: "The server is overloaded, try again later.",
          });
        case "unauthorized":
          return error(401, {
            type: "invalid_request_error",
            code: "invalid_api_key",
            message: "Incorrect API key provided.",
          });
        case "quota":
          return error(429, {
            type: "insufficient_quota",
            code: "insufficient_quota",
            message: "You exceeded your current quota.",
          });
      }
    },
  };
}

interface ErrorFields {
  readonly type: string;
  readonly message: string;
  readonly code?: string;
  readonly param?: string | null;
}

function error(status: number, { type, message, code, param = null }: ErrorFields): ErrorReply {
  return { status, body: { error: { message, type, param, code: code ?? null } } };
}

const ROLES = new Set<unknown>(["system", "developer", "user", "assistant", "tool", "function"]);
const FORMATS = new Set<unknown>(["text", "json_object", "json_schema"]);

function parse(body: unknown, structuredOutputs: boolean): Parsed {
  if (!isObject(body)) return bad(null, "We could not parse the JSON body of your request.");
  const { model, messages, response_format: responseFormat } = body;
  if (typeof model !== "string" || model === "") return bad("model", "you must provide a model parameter");
  if (!Array.isArray(messages)) return bad("messages", "Missing required parameter: 'messages'.");
  if (messages.length === 0) return bad("messages", "Invalid 'messages': empty array.");
  const strange = messages.findIndex((message) => !isObject(message) || !ROLES.has(message["role"]));
  if (strange !== -1) {
    return bad(`messages[${strange}].role`, `'messages[${strange}].role' must be one of: ${[...ROLES].join(", ")}.`);
  }
  const formatType = isObject(responseFormat) ? responseFormat["type"] : "text";
  if (!FORMATS.has(formatType)) {
    return bad("response_format.type", `'response_format.type' must be one of: ${[...FORMATS].join(", ")}.`);
  }
  const format = toFormat(body);
  if (format === undefined) {
    return bad("response_format", "Missing required parameter: 'response_format.json_schema.schema'.");
  }
  if (formatType === "json_schema" && !structuredOutputs) {
    return bad("response_format", "Invalid parameter: 'response_format' of type 'json_schema' is not supported.");
  }
  const parts = messages.filter(isObject);
  const isSystem = ({ role }: Readonly<Record<string, unknown>>): boolean => role === "system" || role === "developer";
  const streamOptions = body["stream_options"];
  return {
    ok: true,
    question: {
      model,
      system: parts
        .filter(isSystem)
        .map(({ content }) => textOf(content))
        .join("\n"),
      turns: parts.filter((part) => !isSystem(part)).map(toTurn),
      maxTokens: wholeNumber(body["max_completion_tokens"]) ?? wholeNumber(body["max_tokens"]),
      format,
      isStreamed: body["stream"] === true,
      wantsUsage: isObject(streamOptions) && streamOptions["include_usage"] === true,
    },
  };
}

function bad(field: string | null, message: string): { readonly ok: false } & BadRequest {
  return { ok: false, field, message };
}

function toTurn({ role, content }: Readonly<Record<string, unknown>>): Turn {
  return { role: role === "assistant" ? "assistant" : "user", text: textOf(content) };
}

function wholeNumber(value: unknown): number | undefined {
  return typeof value === "number" && Number.isInteger(value) && value > 0 ? value : undefined;
}

function toFormat({
  response_format: format,
  tools,
  tool_choice: choice,
}: Readonly<Record<string, unknown>>): Format | undefined {
  if (isObject(format) && format["type"] === "json_object") return { kind: "json", schema: undefined };
  if (isObject(format) && format["type"] === "json_schema") {
    const inner = format["json_schema"];
    return isObject(inner) && isObject(inner["schema"]) ? { kind: "json", schema: inner["schema"] } : undefined;
  }
  const functions = Array.isArray(tools)
    ? tools
        .filter(isObject)
        .map((tool) => tool["function"])
        .filter(isObject)
    : [];
  const wanted = isObject(choice) && isObject(choice["function"]) ? choice["function"]["name"] : undefined;
  const tool = functions.find((each) => choice === "required" || (wanted !== undefined && each["name"] === wanted));
  return tool === undefined
    ? { kind: "text" }
    : { kind: "tool", name: String(tool["name"]), schema: tool["parameters"] };
}

function finishReason({ finish, tool }: Completion): string {
  if (finish === "length") return "length";
  return tool === undefined || finish === "refusal" ? "stop" : "tool_calls";
}

const REFUSAL = "I'm sorry, I can't help with that.";

function toUsage({ promptTokens, completionTokens }: Completion) {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0 },
  };
}

function toCompletion({ model }: Question, completion: Completion, createdAt: number) {
  return {
    id: `chatcmpl-${completion.id}`,
    object: "chat.completion",
    created: Math.floor(createdAt / 1_000),
    model,
    choices: [{ index: 0, message: toMessage(completion), logprobs: null, finish_reason: finishReason(completion) }],
    usage: toUsage(completion),
    service_tier: "default",
    system_fingerprint: "fp_simulated",
  };
}

function toMessage({ id, text, tool, finish }: Completion) {
  if (finish === "refusal") return { role: "assistant", content: null, refusal: REFUSAL };
  if (tool === undefined) return { role: "assistant", content: text, refusal: null };
  const call = { id: `call_${id}`, type: "function", function: { name: tool, arguments: text } };
  return { role: "assistant", content: null, refusal: null, tool_calls: [call] };
}

function toFrames({ model, wantsUsage }: Question, completion: Completion, createdAt: number): readonly string[] {
  const { id, tool } = completion;
  const base = {
    id: `chatcmpl-${id}`,
    object: "chat.completion.chunk",
    created: Math.floor(createdAt / 1_000),
    model,
    system_fingerprint: "fp_simulated",
  };
  const chunk = (delta: unknown, finish_reason: string | null = null): unknown => ({
    ...base,
    choices: [{ index: 0, delta, logprobs: null, finish_reason }],
    ...(wantsUsage ? { usage: null } : {}),
  });
  const start =
    tool === undefined
      ? { role: "assistant", content: "", refusal: null }
      : {
          role: "assistant",
          content: null,
          tool_calls: [{ index: 0, id: `call_${id}`, type: "function", function: { name: tool, arguments: "" } }],
        };
  const events = [
    chunk(start),
    ...deltas(completion).map((delta) => chunk(delta)),
    chunk({}, finishReason(completion)),
    ...(wantsUsage ? [{ ...base, choices: [], usage: toUsage(completion) }] : []),
  ];
  return [...events.map((event) => `data: ${JSON.stringify(event)}\n\n`), "data: [DONE]\n\n"];
}

function deltas({ text, tool, finish }: Completion): readonly unknown[] {
  if (finish === "refusal") return piecesOf(REFUSAL).map((refusal) => ({ refusal }));
  if (tool === undefined) return piecesOf(text).map((content) => ({ content }));
  return piecesOf(text).map((piece) => ({ tool_calls: [{ index: 0, function: { arguments: piece } }] }));
}
