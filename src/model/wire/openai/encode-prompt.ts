import type { LanguageModelV4FilePart, LanguageModelV4Message, LanguageModelV4Prompt } from "@ai-sdk/provider";
import { fieldsOf, textOf } from "../fields.ts";
import { fullMediaType, toBase64 } from "../media.ts";
import { refuse } from "../refuse.ts";
import type { ChatMessage, ChatPart, ChatToolCall } from "./types.ts";

export interface ChatPromptOptions {
  readonly systemRole: "system" | "developer";
  /** Whether earlier reasoning goes back to the model, as compatible servers want it with tool results. */
  readonly sendsReasoning: boolean;
}

/** Writes a prompt as messages. Throws INPUT_INVALID for a part that they cannot hold. */
export function toChatMessages(prompt: LanguageModelV4Prompt, options: ChatPromptOptions): ChatMessage[] {
  return prompt.flatMap((message, index) => toMessages(message, `prompt[${index}]`, options));
}

function toMessages(
  message: LanguageModelV4Message,
  path: string,
  { systemRole, sendsReasoning }: ChatPromptOptions,
): ChatMessage | ChatMessage[] {
  switch (message.role) {
    case "system":
      return { role: systemRole, content: message.content };
    case "user": {
      const [first] = message.content;
      if (message.content.length === 1 && first?.type === "text") return { role: "user", content: first.text };
      return {
        role: "user",
        content: message.content.map((part, index) =>
          part.type === "text" ? { type: "text", text: part.text } : toFile(part, `${path}.content[${index}]`),
        ),
      };
    }
    case "assistant":
      return toAssistant(message, path, sendsReasoning);
    case "tool":
      return message.content.map((part, index) => {
        const at = `${path}.content[${index}]`;
        if (part.type !== "tool-result") throw refuse(at, `chat completions know no ${part.type}`);
        return { role: "tool", tool_call_id: part.toolCallId, content: toolOutputText(part.output, at) };
      });
  }
}

type Assistant = Extract<LanguageModelV4Message, { role: "assistant" }>;

function toAssistant({ content }: Assistant, path: string, sendsReasoning: boolean): ChatMessage {
  let text = "";
  let reasoning = "";
  const calls: ChatToolCall[] = [];
  for (const [index, part] of content.entries()) {
    if (part.type === "text") text += part.text;
    else if (part.type === "reasoning") reasoning += part.text;
    else if (part.type === "tool-call" && part.providerExecuted !== true) {
      const { toolCallId: id, toolName: name, input } = part;
      calls.push({ id, type: "function", function: { name, arguments: toArguments(input) } });
    } else throw refuse(`${path}.content[${index}]`, `chat completions know no ${part.type} of an assistant`);
  }
  return {
    role: "assistant",
    content: text === "" && calls.length > 0 ? null : text,
    ...(sendsReasoning && reasoning !== "" ? { reasoning_content: reasoning } : {}),
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
  };
}

function toArguments(input: unknown): string {
  return typeof input === "string" ? input : JSON.stringify(input ?? {});
}

type ToolOutput = Extract<
  Extract<LanguageModelV4Message, { role: "tool" }>["content"][number],
  { type: "tool-result" }
>["output"];

/** What a tool gave, as text. */
function toolOutputText(output: ToolOutput, path: string): string {
  switch (output.type) {
    case "text":
    case "error-text":
      return output.value;
    case "json":
    case "error-json":
      return JSON.stringify(output.value);
    case "execution-denied":
      return output.reason ?? "The tool was not allowed to run.";
    case "content":
      return output.value
        .map((part, index) => {
          if (part.type !== "text") throw refuse(`${path}.output.value[${index}]`, "a tool's result holds text alone");
          return part.text;
        })
        .join("\n");
  }
}

function toFile(part: LanguageModelV4FilePart, path: string): ChatPart {
  const { data, mediaType, filename } = part;
  const top = mediaType.split("/")[0];
  if (data.type === "url" && top === "image") return toImage(data.url.href, part);
  if (data.type === "text" && top === "text") return { type: "text", text: data.text };
  if (data.type !== "data") throw refuse(path, `${mediaType} is taken only as data`);
  const base64 = toBase64(data.data);
  const full = fullMediaType(mediaType, base64);
  if (full === undefined) throw refuse(path, `the media type "${mediaType}" says too little`, "Give it in full.");
  if (top === "image") return toImage(`data:${full};base64,${base64}`, part);
  if (full === "audio/wav") return { type: "input_audio", input_audio: { data: base64, format: "wav" } };
  if (full === "audio/mpeg" || full === "audio/mp3") {
    return { type: "input_audio", input_audio: { data: base64, format: "mp3" } };
  }
  if (full === "application/pdf") {
    const file_data = `data:${full};base64,${base64}`;
    return { type: "file", file: { filename: filename ?? "document.pdf", file_data } };
  }
  throw refuse(path, `chat completions take no ${full}`);
}

function toImage(url: string, { providerOptions }: LanguageModelV4FilePart): ChatPart {
  const detail = textOf(fieldsOf(providerOptions?.["openai"])["imageDetail"]);
  return { type: "image_url", image_url: { url, ...(detail === undefined ? {} : { detail }) } };
}
