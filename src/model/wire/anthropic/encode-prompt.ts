import type {
  LanguageModelV4FilePart,
  LanguageModelV4Message,
  LanguageModelV4Prompt,
  LanguageModelV4ToolResultPart,
  SharedV4ProviderOptions,
  SharedV4Warning,
} from "@ai-sdk/provider";
import { fieldsOf, isFields, parseJson } from "../fields.ts";
import { fullMediaType, toBase64 } from "../media.ts";
import { refuse } from "../refuse.ts";
import type { Block, CacheControl, Message, MessagesRequest, TextBlock } from "./types.ts";

/** Writes a prompt as system blocks and turns. Throws INPUT_INVALID for a part that they cannot hold. */
export function toMessages(
  prompt: LanguageModelV4Prompt,
  warnings: SharedV4Warning[],
): Pick<MessagesRequest, "system" | "messages"> {
  const system: TextBlock[] = [];
  const messages: { readonly role: Message["role"]; readonly content: Block[] }[] = [];
  for (const [index, message] of prompt.entries()) {
    if (message.role === "system") {
      if (messages.length > 0) {
        const details = "a system message after the first turn stands before all of them";
        warnings.push({ type: "compatibility", feature: `prompt[${index}]`, details });
      }
      system.push(text(message.content, message.providerOptions));
      continue;
    }
    const role = message.role === "assistant" ? "assistant" : "user";
    const blocks = toBlocks(message, `prompt[${index}]`, warnings);
    const last = messages.at(-1);
    // Turns of one side that follow each other are one turn; a tool's results are the user's.
    if (last?.role === role) last.content.push(...blocks);
    else messages.push({ role, content: blocks });
  }
  trimPrefill(messages.at(-1));
  const [first] = system;
  if (first === undefined) return { messages };
  const isPlain = system.length === 1 && first.cache_control === undefined;
  return { system: isPlain ? first.text : system, messages };
}

/** What the assistant is to go on with must not end in white space. */
function trimPrefill(last: { readonly role: Message["role"]; readonly content: Block[] } | undefined): void {
  const block = last?.role === "assistant" ? last.content.at(-1) : undefined;
  if (block?.type === "text") last?.content.splice(-1, 1, { ...block, text: block.text.trimEnd() });
}

type Turn = Exclude<LanguageModelV4Message, { role: "system" }>;

function toBlocks(message: Turn, path: string, warnings: SharedV4Warning[]): Block[] {
  const blocks: Block[] = [];
  for (const [index, part] of message.content.entries()) {
    const block = toBlock(part, `${path}.content[${index}]`, warnings);
    if (block !== undefined) blocks.push(block);
  }
  // A mark on the message is one on its last part.
  const mark = cacheControlOf(message.providerOptions);
  const last = blocks.at(-1);
  if (Object.keys(mark).length > 0 && last !== undefined) blocks.splice(-1, 1, { ...last, ...mark } as Block);
  return blocks;
}

function toBlock(part: Turn["content"][number], path: string, warnings: SharedV4Warning[]): Block | undefined {
  switch (part.type) {
    case "text":
      // An empty text is refused.
      return part.text === "" ? undefined : text(part.text, part.providerOptions);
    case "file":
      return toFile(part, path);
    case "reasoning":
      return toThinking(part, path, warnings);
    case "tool-call":
      return {
        type: "tool_use",
        id: part.toolCallId,
        name: part.toolName,
        input: typeof part.input === "string" ? (parseJson(part.input) ?? {}) : (part.input ?? {}),
        ...cacheControlOf(part.providerOptions),
      };
    case "tool-result":
      return toToolResult(part, path);
    case "custom": {
      // A block of the provider's own tools goes back as it came.
      const block = fieldsOf(part.providerOptions?.["anthropic"])["block"];
      if (isFields(block)) return block as unknown as Block;
      throw refuse(path, `Messages know no part ${part.kind}`);
    }
    case "reasoning-file":
    case "tool-approval-response":
      throw refuse(path, `Messages know no ${part.type}`);
  }
}

function text(value: string, options: SharedV4ProviderOptions | undefined): TextBlock {
  return { type: "text", text: value, ...cacheControlOf(options) };
}

/** Reads `providerOptions.anthropic.cacheControl`. */
export function cacheControlOf(options: SharedV4ProviderOptions | undefined): { cache_control?: CacheControl } {
  const found = options?.["anthropic"]?.["cacheControl"];
  return isFields(found) ? { cache_control: found as unknown as CacheControl } : {};
}

function toThinking(
  { text, providerOptions }: { readonly text: string; readonly providerOptions?: SharedV4ProviderOptions },
  path: string,
  warnings: SharedV4Warning[],
): Block | undefined {
  const { signature, redactedData } = fieldsOf(providerOptions?.["anthropic"]);
  if (typeof redactedData === "string") return { type: "redacted_thinking", data: redactedData };
  if (typeof signature === "string") return { type: "thinking", thinking: text, signature };
  warnings.push({
    type: "unsupported",
    feature: path,
    details: "reasoning of another model cannot go back: it has no signature",
  });
  return undefined;
}

function toToolResult({ toolCallId, output, providerOptions }: LanguageModelV4ToolResultPart, path: string): Block {
  const isError = output.type === "error-text" || output.type === "error-json";
  return {
    type: "tool_result",
    tool_use_id: toolCallId,
    content: toResultContent(output, path),
    ...(isError ? { is_error: true } : {}),
    ...cacheControlOf(providerOptions),
  };
}

function toResultContent(output: LanguageModelV4ToolResultPart["output"], path: string): string | Block[] {
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
      return output.value.map((part, index): Block => {
        const at = `${path}.output.value[${index}]`;
        if (part.type === "text") return text(part.text, part.providerOptions);
        if (part.type === "file") return toFile(part, at);
        throw refuse(at, "a tool's result holds texts and files alone");
      });
  }
}

function toFile(
  {
    data,
    mediaType,
    filename,
    providerOptions,
  }: Pick<LanguageModelV4FilePart, "data" | "mediaType" | "filename" | "providerOptions">,
  path: string,
): Block {
  const mark = cacheControlOf(providerOptions);
  const title = filename === undefined ? {} : { title: filename };
  const isImage = mediaType.split("/")[0] === "image";
  if (data.type === "url") {
    const source = { type: "url", url: data.url.href } as const;
    if (isImage) return { type: "image", source, ...mark };
    if (mediaType === "application/pdf") return { type: "document", source, ...title, ...mark };
    throw refuse(path, `${mediaType} is taken only as data`);
  }
  if (data.type === "text") return toTextDocument(data.text, { ...title, ...mark });
  if (data.type === "reference") throw refuse(path, "files of the Files API are not known here", "Give the data.");
  const base64 = toBase64(data.data);
  const full = fullMediaType(mediaType, base64);
  if (full === undefined) throw refuse(path, `the media type "${mediaType}" says too little`, "Give it in full.");
  const source = { type: "base64", media_type: full, data: base64 } as const;
  if (isImage) return { type: "image", source, ...mark };
  if (full === "application/pdf") return { type: "document", source, ...title, ...mark };
  if (full === "text/plain")
    return toTextDocument(Buffer.from(base64, "base64").toString("utf8"), { ...title, ...mark });
  throw refuse(path, `Messages take no ${full}`);
}

function toTextDocument(data: string, rest: { readonly title?: string; readonly cache_control?: CacheControl }): Block {
  return { type: "document", source: { type: "text", media_type: "text/plain", data }, ...rest };
}
