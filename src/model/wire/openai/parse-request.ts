import type {
  LanguageModelV4FilePart,
  LanguageModelV4FunctionTool,
  LanguageModelV4Message,
  LanguageModelV4TextPart,
} from "@ai-sdk/provider";
import type { ModelCall } from "../../model.ts";
import { type Fields, fieldsOf, isFields, listOf, textOf } from "../fields.ts";
import { fromUrl, optionsOf, RequestReader, unread } from "../read-request.ts";
import { CHAT_OPTIONS } from "./types.ts";

/** What a client of chat completions asks for. */
export interface ParsedChatRequest {
  readonly modelId: string;
  readonly call: ModelCall;
  readonly isStreamed: boolean;
  /** Whether a stream ends with its usage. */
  readonly wantsUsage: boolean;
}

const EFFORTS: ReadonlySet<unknown> = new Set(["none", "minimal", "low", "medium", "high", "xhigh"]);

/** Fields that are read; all others are passed on under `providerOptions.openai.extraBody`. */
const READ = new Set([
  "model",
  "messages",
  "max_tokens",
  "max_completion_tokens",
  "temperature",
  "top_p",
  "top_k",
  "frequency_penalty",
  "presence_penalty",
  "stop",
  "seed",
  "n",
  "response_format",
  "tools",
  "tool_choice",
  "reasoning_effort",
  "stream",
  "stream_options",
  "logprobs",
  "top_logprobs",
  ...Object.values(CHAT_OPTIONS),
]);

/** Reads a request. Throws INPUT_INVALID with every mistake and its JSON Pointer. */
export function parseChatRequest(body: unknown): ParsedChatRequest {
  const reader = new RequestReader();
  const fields = reader.fields(body, "");
  const modelId = reader.text(fields["model"], "/model");
  const call = toCall(fields, reader);
  const { n } = fields;
  if (n !== undefined && n !== null && n !== 1)
    reader.mistake("/n", "one answer is given for each request: leave it out");
  if (fields["functions"] !== undefined) reader.mistake("/functions", "is no longer in use: give tools");
  const isStreamed = reader.flag(fields["stream"], "/stream");
  reader.finish();
  return {
    modelId,
    call,
    isStreamed,
    wantsUsage: fieldsOf(fields["stream_options"])["include_usage"] === true,
  };
}

const NUMBERS = [
  ["temperature", "temperature"],
  ["topP", "top_p"],
  ["topK", "top_k"],
  ["frequencyPenalty", "frequency_penalty"],
  ["presencePenalty", "presence_penalty"],
  ["seed", "seed"],
] as const;

function toCall(body: Fields, reader: RequestReader): ModelCall {
  const call: { -readonly [K in keyof ModelCall]: ModelCall[K] } = { prompt: toPrompt(body["messages"], reader) };
  const longest = "max_completion_tokens" in body ? "max_completion_tokens" : "max_tokens";
  const longestAllowed = reader.number(body[longest], `/${longest}`);
  if (longestAllowed !== undefined) call.maxOutputTokens = longestAllowed;
  for (const [setting, field] of NUMBERS) {
    const value = reader.number(body[field], `/${field}`);
    if (value !== undefined) call[setting] = value;
  }
  const stop = reader.texts(body["stop"], "/stop");
  if (stop !== undefined) call.stopSequences = stop;
  const format = toResponseFormat(body["response_format"], reader);
  if (format !== undefined) call.responseFormat = format;
  const tools = toTools(body["tools"], reader);
  if (tools !== undefined) call.tools = tools;
  const choice = toToolChoice(body["tool_choice"], reader);
  if (choice !== undefined) call.toolChoice = choice;
  const effort = body["reasoning_effort"];
  if (EFFORTS.has(effort)) call.reasoning = effort as NonNullable<ModelCall["reasoning"]>;
  const openai = toOptions(body);
  if (Object.keys(openai).length > 0) call.providerOptions = { openai };
  return call;
}

function toOptions(body: Fields): Record<string, never> {
  const options: Record<string, unknown> = optionsOf(body, CHAT_OPTIONS);
  const { reasoning_effort: effort, logprobs, top_logprobs: top, response_format: format } = body;
  if (typeof effort === "string" && !EFFORTS.has(effort)) options["reasoningEffort"] = effort;
  if (logprobs === true) options["logprobs"] = typeof top === "number" ? top : true;
  const schema = isFields(format) ? fieldsOf(format["json_schema"]) : {};
  if (isFields(format) && format["type"] === "json_schema") options["strictJsonSchema"] = schema["strict"] === true;
  const extraBody = unread(body, READ);
  if (Object.keys(extraBody).length > 0) options["extraBody"] = extraBody;
  return options as Record<string, never>;
}

function toPrompt(messages: unknown, reader: RequestReader): LanguageModelV4Message[] {
  const toolNames = new Map<string, string>();
  return reader.list(messages, "/messages").flatMap((entry, index) => {
    const path = `/messages/${index}`;
    return toMessage(reader.fields(entry, path), { path, reader, toolNames }) ?? [];
  });
}

interface Place {
  readonly path: string;
  readonly reader: RequestReader;
  /** By the ids of the calls so far: a result names its call alone. */
  readonly toolNames: Map<string, string>;
}

function toMessage(message: Fields, place: Place): LanguageModelV4Message | undefined {
  const { path, reader, toolNames } = place;
  const { role, content } = message;
  switch (role) {
    case "system":
    case "developer":
      return { role: "system", content: flatText(content, `${path}/content`, reader) };
    case "user":
      return { role: "user", content: toUserContent(content, `${path}/content`, reader) };
    case "assistant":
      return toAssistant(message, place);
    case "tool": {
      const toolCallId = reader.text(message["tool_call_id"], `${path}/tool_call_id`);
      const output = { type: "text" as const, value: flatText(content, `${path}/content`, reader) };
      const toolName = toolNames.get(toolCallId) ?? "";
      return { role: "tool", content: [{ type: "tool-result", toolCallId, toolName, output }] };
    }
    default:
      return reader.mistake(`${path}/role`, "must be system, developer, user, assistant or tool");
  }
}

/** Content which may be a text or a list of texts. */
function flatText(content: unknown, path: string, reader: RequestReader): string {
  if (typeof content === "string") return content;
  return reader
    .list(content, path)
    .map((part, index) => reader.text(fieldsOf(part)["text"], `${path}/${index}/text`))
    .join("\n");
}

function toUserContent(
  content: unknown,
  path: string,
  reader: RequestReader,
): (LanguageModelV4TextPart | LanguageModelV4FilePart)[] {
  if (typeof content === "string") return [{ type: "text", text: content }];
  return reader.list(content, path).flatMap((entry, index) => {
    const part = reader.fields(entry, `${path}/${index}`);
    return toUserPart(part, `${path}/${index}`, reader) ?? [];
  });
}

function toUserPart(
  part: Fields,
  path: string,
  reader: RequestReader,
): LanguageModelV4TextPart | LanguageModelV4FilePart | undefined {
  switch (part["type"]) {
    case "text":
      return { type: "text", text: reader.text(part["text"], `${path}/text`) };
    case "image_url": {
      const image = fieldsOf(part["image_url"]);
      const found = fromUrl(reader.text(image["url"], `${path}/image_url/url`));
      if (found === undefined) return reader.mistake(`${path}/image_url/url`, "must be an address or a data URL");
      const detail = textOf(image["detail"]);
      return {
        type: "file",
        mediaType: found.mediaType ?? "image/*",
        data: found.data,
        ...(detail === undefined ? {} : { providerOptions: { openai: { imageDetail: detail } } }),
      };
    }
    case "input_audio": {
      const { data, format } = fieldsOf(part["input_audio"]);
      const mediaType = format === "mp3" ? "audio/mpeg" : "audio/wav";
      return { type: "file", mediaType, data: { type: "data", data: reader.text(data, `${path}/input_audio/data`) } };
    }
    case "file": {
      const { file_data: data, filename } = fieldsOf(part["file"]);
      const found = fromUrl(reader.text(data, `${path}/file/file_data`));
      if (found?.mediaType === undefined) return reader.mistake(`${path}/file/file_data`, "must be a data URL");
      const name = textOf(filename);
      return {
        type: "file",
        mediaType: found.mediaType,
        data: found.data,
        ...(name === undefined ? {} : { filename: name }),
      };
    }
    default:
      return reader.mistake(`${path}/type`, "must be text, image_url, input_audio or file");
  }
}

function toAssistant(message: Fields, { path, reader, toolNames }: Place): LanguageModelV4Message {
  const content: Extract<LanguageModelV4Message, { role: "assistant" }>["content"] = [];
  const reasoning = textOf(message["reasoning_content"]) ?? "";
  if (reasoning !== "") content.push({ type: "reasoning", text: reasoning });
  const said = message["content"];
  const text = said === undefined || said === null ? "" : flatText(said, `${path}/content`, reader);
  if (text !== "") content.push({ type: "text", text });
  for (const [index, entry] of listOf(message["tool_calls"]).entries()) {
    const call = fieldsOf(entry);
    const called = fieldsOf(call["function"]);
    const at = `${path}/tool_calls/${index}`;
    const toolCallId = reader.text(call["id"], `${at}/id`);
    const toolName = reader.text(called["name"], `${at}/function/name`);
    toolNames.set(toolCallId, toolName);
    content.push({ type: "tool-call", toolCallId, toolName, input: textOf(called["arguments"]) ?? "{}" });
  }
  return { role: "assistant", content };
}

function toResponseFormat(format: unknown, reader: RequestReader): ModelCall["responseFormat"] {
  if (format === undefined || format === null) return undefined;
  const { type, json_schema: named } = reader.fields(format, "/response_format");
  if (type === "text") return undefined;
  if (type === "json_object") return { type: "json" };
  if (type !== "json_schema") {
    return reader.mistake("/response_format/type", "must be text, json_object or json_schema");
  }
  const { name, description, schema } = reader.fields(named, "/response_format/json_schema");
  return {
    type: "json",
    schema: reader.fields(schema, "/response_format/json_schema/schema"),
    name: reader.text(name, "/response_format/json_schema/name"),
    ...(typeof description === "string" ? { description } : {}),
  };
}

function toTools(tools: unknown, reader: RequestReader): ModelCall["tools"] {
  if (tools === undefined || tools === null) return undefined;
  return reader.list(tools, "/tools").flatMap((entry, index) => {
    const { type, function: described } = reader.fields(entry, `/tools/${index}`);
    if (type === "function") return toTool(described, `/tools/${index}/function`, reader);
    reader.mistake(`/tools/${index}/type`, "must be function");
    return [];
  });
}

function toTool(described: unknown, path: string, reader: RequestReader): LanguageModelV4FunctionTool {
  const { name, description, parameters, strict } = reader.fields(described, path);
  return {
    type: "function",
    name: reader.text(name, `${path}/name`),
    ...(typeof description === "string" ? { description } : {}),
    inputSchema: isFields(parameters) ? parameters : { type: "object", properties: {} },
    ...(typeof strict === "boolean" ? { strict } : {}),
  };
}

function toToolChoice(choice: unknown, reader: RequestReader): ModelCall["toolChoice"] {
  if (choice === undefined || choice === null) return undefined;
  if (choice === "auto" || choice === "none" || choice === "required") return { type: choice };
  const named = isFields(choice) ? fieldsOf(choice["function"])["name"] : undefined;
  if (typeof named === "string") return { type: "tool", toolName: named };
  return reader.mistake("/tool_choice", "must be auto, none, required, or name a function");
}
