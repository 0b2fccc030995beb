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

const VERSIONS = new Set(["2023-06-01", "2026-10-21"]);
/** From this version on sampling is not a client's business. */
const VERSION_WITHOUT_SAMPLING = "2026-10-21";
const SAMPLING = ["temperature", "top_p", "top_k"];

/** Anthropic's Messages. */
export const anthropicLane: Lane = {
  requestIdHeader: "request-id",
  headers: { "anthropic-organization-id": "org_simulated" },
  parse,
  reply: (question, completion) => toMessage(question, completion),
  stream: toFrames,
  badRequest: ({ message }, requestId) => error(400, "invalid_request_error", message, requestId),
  notFound: (_method, _path, requestId) => error(404, "not_found_error", "Not Found", requestId),
  unauthorized: (hasKey, requestId) =>
    error(401, "authentication_error", hasKey ? "invalid x-api-key" : "x-api-key header is required", requestId),
  tooLarge: (requestId) => error(413, "request_too_large", "Request exceeds the maximum size", requestId),
  fault(fault, requestId) {
    switch (fault) {
      case "rate-limit":
      case "rate-limit-bare":
        return error(429, "rate_limit_error", "This request would exceed your account's rate limit.", requestId);
      case "server-error":
        return error(500, "api_error", "Internal server error", requestId);
      case "overloaded":
        return error(529, "overloaded_error", "Overloaded", requestId);
      case "unauthorized":
        return error(401, "authentication_error", "invalid x-api-key", requestId);
      case "quota":
        return error(402, "billing_error", "Your credit balance is too low to access the API.", requestId);
    }
  },
};

function error(status: number, type: string, message: string, requestId: string): ErrorReply {
  return { status, body: { type: "error", error: { type, message }, request_id: requestId } };
}

function parse(body: unknown, headers: Readonly<Record<string, string | string[] | undefined>>): Parsed {
  const version = headers["anthropic-version"];
  if (version === undefined) return bad(null, "anthropic-version: header is required");
  if (typeof version !== "string" || !VERSIONS.has(version)) {
    return bad(null, `anthropic-version: "${String(version)}" is not a valid version`);
  }
  if (!isObject(body)) return bad(null, "The request body is not valid JSON");
  const { model, max_tokens: maxTokens, messages } = body;
  if (typeof model !== "string" || model === "") return bad("model", "model: Field required");
  if (typeof maxTokens !== "number") return bad("max_tokens", "max_tokens: Field required");
  if (!Number.isInteger(maxTokens) || maxTokens < 1) {
    return bad("max_tokens", "max_tokens: Input should be greater than or equal to 1");
  }
  if (!Array.isArray(messages)) return bad("messages", "messages: Field required");
  if (messages.length === 0) return bad("messages", "messages: at least one message is required");
  const sampling = SAMPLING.find((name) => name in body);
  if (version === VERSION_WITHOUT_SAMPLING && sampling !== undefined) {
    return bad(sampling, `${sampling}: not supported by version ${version}`);
  }
  const turns = messages.map(toTurn);
  const badTurn = turns.findIndex((turn) => turn === undefined);
  if (badTurn !== -1)
    return bad(`messages.${badTurn}`, `messages.${badTurn}.role: Input should be 'user' or 'assistant'`);
  return {
    ok: true,
    question: {
      model,
      system: textOf(body["system"]),
      turns: turns.filter((turn) => turn !== undefined),
      maxTokens,
      format: toFormat(body),
      isStreamed: body["stream"] === true,
      wantsUsage: true,
    },
  };
}

function bad(field: string | null, message: string): { readonly ok: false } & BadRequest {
  return { ok: false, field, message };
}

function toTurn(message: unknown): Turn | undefined {
  if (!isObject(message)) return undefined;
  const { role, content } = message;
  return role === "user" || role === "assistant" ? { role, text: textOf(content) } : undefined;
}

function toFormat({
  output_config: config,
  output_format: olderFormat,
  tools,
  tool_choice: choice,
}: Readonly<Record<string, unknown>>): Format {
  const format = isObject(config) ? (config["format"] ?? olderFormat) : olderFormat;
  if (isObject(format) && format["type"] === "json_schema") return { kind: "json", schema: format["schema"] };
  if (!isObject(choice) || !Array.isArray(tools)) return { kind: "text" };
  const { type, name } = choice;
  if (type !== "tool" && type !== "any") return { kind: "text" };
  const tool = tools.filter(isObject).find((each) => type === "any" || each["name"] === name);
  return tool === undefined
    ? { kind: "text" }
    : { kind: "tool", name: String(tool["name"]), schema: tool["input_schema"] };
}

const STOP_REASONS = { stop: "end_turn", length: "max_tokens", refusal: "refusal" } as const;

function stopReason({ finish, tool }: Completion): string {
  return tool !== undefined && finish === "stop" ? "tool_use" : STOP_REASONS[finish];
}

function toUsage({ promptTokens, completionTokens }: Completion) {
  return {
    input_tokens: promptTokens,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    output_tokens: completionTokens,
    service_tier: "standard",
  };
}

function toMessage({ model }: Question, completion: Completion) {
  return {
    id: `msg_${completion.id}`,
    type: "message",
    role: "assistant",
    model,
    content: toContent(completion),
    stop_reason: stopReason(completion),
    stop_sequence: null,
    ...(completion.finish === "refusal" ? { stop_details: { type: "refusal", category: "simulated" } } : {}),
    usage: toUsage(completion),
  };
}

function toContent({ id, text, tool, finish }: Completion): readonly unknown[] {
  if (finish === "refusal") return [];
  if (tool === undefined) return [{ type: "text", text }];
  return [{ type: "tool_use", id: `toolu_${id}`, name: tool, input: JSON.parse(text) as unknown }];
}

function toFrames(question: Question, completion: Completion): readonly string[] {
  const { id, text, tool, finish } = completion;
  const usage = toUsage(completion);
  const message = {
    ...toMessage(question, completion),
    content: [],
    stop_reason: null,
    usage: { ...usage, output_tokens: 1 },
  };
  const block =
    tool === undefined ? { type: "text", text: "" } : { type: "tool_use", id: `toolu_${id}`, name: tool, input: {} };
  const pieces = piecesOf(text).map((piece) => ({
    type: "content_block_delta",
    index: 0,
    delta: tool === undefined ? { type: "text_delta", text: piece } : { type: "input_json_delta", partial_json: piece },
  }));
  const content =
    finish === "refusal"
      ? []
      : [
          { type: "content_block_start", index: 0, content_block: block },
          ...pieces,
          { type: "content_block_stop", index: 0 },
        ];
  const events = [
    { type: "message_start", message },
    { type: "ping" },
    ...content,
    {
      type: "message_delta",
      delta: { stop_reason: stopReason(completion), stop_sequence: null },
      usage: { output_tokens: usage.output_tokens },
    },
    { type: "message_stop" },
  ];
  return events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
}
