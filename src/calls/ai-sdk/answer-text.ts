import type {
  LanguageModelV4Content,
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamPart,
} from "@ai-sdk/provider";

/** A whole answer as it is kept: all that shapes what a caller sees, nothing of the request or of the transport. */
export type KeptResult = Omit<LanguageModelV4GenerateResult, "request" | "response"> & {
  readonly response?: { readonly id?: string; readonly timestamp?: Date; readonly modelId?: string };
};

/** Writes a whole answer as JSON. Bytes of files become base64, which the specification takes as well. */
export function writeResult({ request: _request, response, ...result }: LanguageModelV4GenerateResult): string {
  const { id, timestamp, modelId } = response ?? {};
  return JSON.stringify({ ...result, content: result.content.map(withoutBytes), response: { id, timestamp, modelId } });
}

/** Reads what `writeResult` wrote. */
export function readResult(text: string): KeptResult {
  const { content, response = {}, ...result } = JSON.parse(text) as LanguageModelV4GenerateResult;
  return { ...result, content: content.map(withUrl), response: withDate(response) };
}

/** Writes a part of a stream as one line of JSON, its end included. */
export function writePart(part: LanguageModelV4StreamPart): string {
  return `${JSON.stringify(isFile(part) ? withoutBytes(part) : part)}\n`;
}

/** Reads whole lines that `writePart` wrote. */
export function readParts(lines: string): LanguageModelV4StreamPart[] {
  return lines
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const part = JSON.parse(line) as LanguageModelV4StreamPart;
      if (part.type === "response-metadata") return withDate(part);
      return isFile(part) ? withUrl(part) : part;
    });
}

/** The parts that a stream of a whole answer would have had, but for the last, `finish`. */
export function toParts({ content, warnings, response }: KeptResult): LanguageModelV4StreamPart[] {
  const parts: LanguageModelV4StreamPart[] = [{ type: "stream-start", warnings }];
  if (response !== undefined) parts.push({ type: "response-metadata", ...response });
  for (const [index, part] of content.entries()) parts.push(...partsOf(part, `${index}`));
  return parts;
}

function partsOf(part: LanguageModelV4Content, id: string): LanguageModelV4StreamPart[] {
  switch (part.type) {
    case "text":
    case "reasoning": {
      const { type, text, ...rest } = part;
      const { providerMetadata } = rest;
      const about = providerMetadata === undefined ? {} : { providerMetadata };
      return [
        { type: `${type}-start`, id, ...about },
        { type: `${type}-delta`, id, delta: text },
        { type: `${type}-end`, id, ...rest },
      ];
    }
    case "tool-call": {
      const { toolCallId, toolName, input, providerExecuted, dynamic, providerMetadata } = part;
      const about = {
        ...(providerExecuted === undefined ? {} : { providerExecuted }),
        ...(dynamic === undefined ? {} : { dynamic }),
        ...(providerMetadata === undefined ? {} : { providerMetadata }),
      };
      return [
        { type: "tool-input-start", id: toolCallId, toolName, ...about },
        { type: "tool-input-delta", id: toolCallId, delta: input },
        { type: "tool-input-end", id: toolCallId },
        part,
      ];
    }
    case "file":
    case "reasoning-file":
    case "source":
    case "custom":
    case "tool-result":
    case "tool-approval-request":
      return [part];
  }
}

type FilePart = Extract<LanguageModelV4Content, { type: "file" | "reasoning-file" }>;

function isFile(part: LanguageModelV4StreamPart): part is FilePart {
  return part.type === "file" || part.type === "reasoning-file";
}

function withoutBytes<P extends LanguageModelV4Content>(part: P): P {
  if (part.type !== "file" && part.type !== "reasoning-file") return part;
  const { data } = part;
  if (data.type !== "data" || typeof data.data === "string") return part;
  return { ...part, data: { type: "data", data: Buffer.from(data.data).toString("base64") } };
}

function withUrl<P extends LanguageModelV4Content>(part: P): P {
  if ((part.type !== "file" && part.type !== "reasoning-file") || part.data.type !== "url") return part;
  return { ...part, data: { type: "url", url: new URL(part.data.url) } };
}

function withDate<R extends { readonly timestamp?: Date | undefined }>(response: R): R {
  return response.timestamp === undefined ? response : { ...response, timestamp: new Date(response.timestamp) };
}
