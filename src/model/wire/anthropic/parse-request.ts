import type {
  LanguageModelV4FilePart,
  LanguageModelV4FunctionTool,
  LanguageModelV4Message,
  LanguageModelV4TextPart,
  LanguageModelV4ToolResultPart,
  SharedV4FileData,
} from "@ai-sdk/provider";
import type { ModelCall } from "../../model.ts";
import { type Fields, fieldsOf, isFields, numberOf, textOf } from "../fields.ts";
import { optionsOf, RequestReader, unread } from "../read-request.ts";
import { anthropicMetadata } from "./decode-reply.ts";
import { MESSAGES_OPTIONS } from "./types.ts";

/** What a client of Messages asks for. */
export interface ParsedMessagesRequest {
  readonly modelId: string;
  readonly call: ModelCall;
  readonly isStreamed: boolean;
}

/** Fields that are read; all others are passed on under `providerOptions.anthropic.extraBody`. */
const READ = new Set([
  "model",
  "max_tokens",
  "messages",
  "system",
  "temperature",
  "top_p",
  "top_k",
  "stop_sequences",
  "tools",
  "tool_choice",
  "thinking",
  "output_config",
  "cache_control",
  "metadata",
  "stream",
  ...Object.values(MESSAGES_OPTIONS),
]);

/** Reads a request. Throws INPUT_INVALID with every mistake and its JSON Pointer. */
export function parseMessagesRequest(body: unknown): ParsedMessagesRequest {
  const reader = new RequestReader();
  const fields = reader.fields(body, "");
  const modelId = reader.text(fields["model"], "/model");
  const call = toCall(fields, reader);
  const isStreamed = reader.flag(fields["stream"], "/stream");
  reader.finish();
  return { modelId, call, isStreamed };
}

function toCall(body: Fields, reader: RequestReader): ModelCall {
  const prompt = [...toSystem(body["system"], reader), ...toPrompt(body["messages"], reader)];
  const call: { -readonly [K in keyof ModelCall]: ModelCall[K] } = { prompt };
  const longest = body["max_tokens"];
  // The budget for thinking is a part of it on the wire, and beside it in a call.
  const budget = numberOf(fieldsOf(body["thinking"])["budget_tokens"]) ?? 0;
  if (typeof longest !== "number") reader.mistake("/max_tokens", "must be a number");
  else call.maxOutputTokens = longest - budget;
  const numbers = { temperature: "temperature", topP: "top_p", topK: "top_k" } as const;
  for (const [setting, field] of Object.entries(numbers)) {
    const value = reader.number(body[field], `/${field}`);
    if (value !== undefined) call[setting as keyof typeof numbers] = value;
  }
  const stop = reader.texts(body["stop_sequences"], "/stop_sequences");
  if (stop !== undefined) call.stopSequences = stop;
  const { format } = fieldsOf(body["output_config"]);
  if (isFields(format))
    call.responseFormat = { type: "json", schema: reader.fields(format["schema"], "/output_config/format/schema") };
  if (body["tools"] !== undefined) {
    call.tools = reader.list(body["tools"], "/tools").flatMap((tool, index) => toTool(tool, `/tools/${index}`, reader));
  }
  const choice = toToolChoice(body["tool_choice"], reader);
  if (choice !== undefined) call.toolChoice = choice;
  const anthropic = toOptions(body);
  if (Object.keys(anthropic).length > 0) call.providerOptions = { anthropic };
  return call;
}

function toOptions(body: Fields): Record<string, never> {
  const options: Record<string, unknown> = optionsOf(body, MESSAGES_OPTIONS);
  const { thinking, cache_control: mark } = body;
  const { effort } = fieldsOf(body["output_config"]);
  const userId = textOf(fieldsOf(body["metadata"])["user_id"]);
  if (isFields(thinking)) {
    const { type, budget_tokens: budgetTokens, display } = thinking;
    options["thinking"] = {
      type,
      ...(budgetTokens === undefined ? {} : { budgetTokens }),
      ...(display === undefined ? {} : { display }),
    };
  }
  if (typeof effort === "string") options["effort"] = effort;
  if (userId !== undefined) options["metadata"] = { userId };
  if (isFields(mark)) options["cacheControl"] = mark;
  if (fieldsOf(body["tool_choice"])["disable_parallel_tool_use"] === true) options["disableParallelToolUse"] = true;
  const extraBody = unread(body, READ);
  if (Object.keys(extraBody).length > 0) options["extraBody"] = extraBody;
  return options as Record<string, never>;
}

/** Options of a part: its mark for the prompt cache. */
function markOf(block: Fields): { providerOptions?: { anthropic: { cacheControl: never } } } {
  const mark = block["cache_control"];
  return isFields(mark) ? { providerOptions: { anthropic: { cacheControl: mark as never } } } : {};
}

function toSystem(system: unknown, reader: RequestReader): LanguageModelV4Message[] {
  if (system === undefined) return [];
  if (typeof system === "string") return [{ role: "system", content: system }];
  return reader.list(system, "/system").map((entry, index) => {
    const block = reader.fields(entry, `/system/${index}`);
    return Object.assign(
      { role: "system" as const, content: reader.text(block["text"], `/system/${index}/text`) },
      markOf(block),
    );
  });
}

function toPrompt(messages: unknown, reader: RequestReader): LanguageModelV4Message[] {
  const toolNames = new Map<string, string>();
  return reader.list(messages, "/messages").flatMap((entry, index): LanguageModelV4Message[] => {
    const path = `/messages/${index}`;
    const { role, content } = reader.fields(entry, path);
    const blocks =
      typeof content === "string" ? [{ type: "text", text: content }] : reader.list(content, `${path}/content`);
    const place = { path: `${path}/content`, reader, toolNames };
    if (role === "user") return toUserTurn(blocks, place);
    if (role === "assistant") return [toAssistantTurn(blocks, place)];
    reader.mistake(`${path}/role`, "must be user or assistant");
    return [];
  });
}

interface Place {
  readonly path: string;
  readonly reader: RequestReader;
  /** By the ids of the calls so far: a result names its call alone. */
  readonly toolNames: Map<string, string>;
}

/** Results of tools are messages of their own in a prompt, and blocks of the user's turn on the wire; their order stays. */
function toUserTurn(blocks: readonly unknown[], { path, reader, toolNames }: Place): LanguageModelV4Message[] {
  const messages: LanguageModelV4Message[] = [];
  for (const [index, entry] of blocks.entries()) {
    const at = `${path}/${index}`;
    const block = reader.fields(entry, at);
    const last = messages.at(-1);
    if (block["type"] === "tool_result") {
      const result = toToolResult(block, at, { reader, toolNames });
      if (last?.role === "tool") last.content.push(result);
      else messages.push({ role: "tool", content: [result] });
      continue;
    }
    const part = toUserPart(block, at, reader);
    if (part === undefined) continue;
    if (last?.role === "user") last.content.push(part);
    else messages.push({ role: "user", content: [part] });
  }
  return messages;
}

function toUserPart(
  block: Fields,
  path: string,
  reader: RequestReader,
): LanguageModelV4TextPart | LanguageModelV4FilePart | undefined {
  switch (block["type"]) {
    case "text":
      return { type: "text", text: reader.text(block["text"], `${path}/text`), ...markOf(block) };
    case "image":
    case "document":
      return toFile(block, path, reader);
    default:
      return reader.mistake(`${path}/type`, "must be text, image, document or tool_result");
  }
}

function toFile(block: Fields, path: string, reader: RequestReader): LanguageModelV4FilePart | undefined {
  const source = reader.fields(block["source"], `${path}/source`);
  const read = readSource(source, block["type"] === "image" ? "image/*" : "application/pdf");
  if (read === undefined)
    return reader.mistake(`${path}/source`, "must be base64 with media_type and data, url or text");
  const title = textOf(block["title"]);
  return { type: "file", ...read, ...(title === undefined ? {} : { filename: title }), ...markOf(block) };
}

function readSource(
  { type, media_type: mediaType, data, url }: Fields,
  fallback: string,
): { readonly mediaType: string; readonly data: SharedV4FileData } | undefined {
  if (type === "base64" && typeof mediaType === "string" && typeof data === "string") {
    return { mediaType, data: { type: "data", data } };
  }
  if (type === "text" && typeof data === "string")
    return { mediaType: "text/plain", data: { type: "text", text: data } };
  if (type === "url" && typeof url === "string" && URL.canParse(url)) {
    return { mediaType: fallback, data: { type: "url", url: new URL(url) } };
  }
  return undefined;
}

function toToolResult(
  block: Fields,
  path: string,
  { reader, toolNames }: Omit<Place, "path">,
): LanguageModelV4ToolResultPart {
  const toolCallId = reader.text(block["tool_use_id"], `${path}/tool_use_id`);
  const toolName = toolNames.get(toolCallId) ?? "";
  const output = toOutput(block, `${path}/content`, reader);
  return { type: "tool-result", toolCallId, toolName, output, ...markOf(block) };
}

function toOutput(
  { content = "", is_error: isError }: Fields,
  path: string,
  reader: RequestReader,
): LanguageModelV4ToolResultPart["output"] {
  const type = isError === true ? "error-text" : "text";
  if (typeof content === "string") return { type, value: content };
  const parts = reader.list(content, path).flatMap((entry, index) => {
    const part = toUserPart(reader.fields(entry, `${path}/${index}`), `${path}/${index}`, reader);
    return part === undefined ? [] : [part];
  });
  // A failed call has words alone.
  if (isError !== true) return { type: "content", value: parts };
  return { type, value: parts.map((part) => (part.type === "text" ? part.text : "")).join("\n") };
}

function toAssistantTurn(blocks: readonly unknown[], { path, reader, toolNames }: Place): LanguageModelV4Message {
  const content: Extract<LanguageModelV4Message, { role: "assistant" }>["content"] = [];
  for (const [index, entry] of blocks.entries()) {
    const at = `${path}/${index}`;
    const block = reader.fields(entry, at);
    switch (block["type"]) {
      case "text":
        content.push({ type: "text", text: reader.text(block["text"], `${at}/text`), ...markOf(block) });
        break;
      case "tool_use": {
        const toolCallId = reader.text(block["id"], `${at}/id`);
        const toolName = reader.text(block["name"], `${at}/name`);
        toolNames.set(toolCallId, toolName);
        content.push({ type: "tool-call", toolCallId, toolName, input: block["input"] ?? {}, ...markOf(block) });
        break;
      }
      case "thinking": {
        const { providerMetadata: providerOptions } = anthropicMetadata({ signature: block["signature"] });
        content.push({ type: "reasoning", text: reader.text(block["thinking"], `${at}/thinking`), providerOptions });
        break;
      }
      case "redacted_thinking": {
        const { providerMetadata: providerOptions } = anthropicMetadata({ redactedData: block["data"] });
        content.push({ type: "reasoning", text: "", providerOptions });
        break;
      }
      default: {
        const { providerMetadata: providerOptions } = anthropicMetadata({ block });
        content.push({ type: "custom", kind: `anthropic.${textOf(block["type"]) ?? "block"}`, providerOptions });
      }
    }
  }
  return { role: "assistant", content };
}

function toTool(tool: unknown, path: string, reader: RequestReader): LanguageModelV4FunctionTool[] {
  const fields = reader.fields(tool, path);
  const { type, name, description, input_schema: schema, strict } = fields;
  if (type !== undefined && type !== "custom") {
    reader.mistake(`${path}/type`, "tools of the provider's own are not passed on");
    return [];
  }
  return [
    {
      type: "function",
      name: reader.text(name, `${path}/name`),
      ...(typeof description === "string" ? { description } : {}),
      inputSchema: reader.fields(schema, `${path}/input_schema`),
      ...(typeof strict === "boolean" ? { strict } : {}),
      ...markOf(fields),
    },
  ];
}

function toToolChoice(choice: unknown, reader: RequestReader): ModelCall["toolChoice"] {
  if (choice === undefined || choice === null) return undefined;
  const { type, name } = reader.fields(choice, "/tool_choice");
  if (type === "auto" || type === "none") return { type };
  if (type === "any") return { type: "required" };
  if (type === "tool") return { type: "tool", toolName: reader.text(name, "/tool_choice/name") };
  return reader.mistake("/tool_choice/type", "must be auto, any, tool or none");
}
