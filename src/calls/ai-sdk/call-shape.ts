import { hash } from "node:crypto";
import type { LanguageModelV4CallOptions } from "@ai-sdk/provider";

/** Headers that name a request or its sender, and shape no answer. */
const NAMES_ONLY: ReadonlySet<string> = new Set([
  "user-agent",
  "traceparent",
  "tracestate",
  "baggage",
  "x-request-id",
  "x-client-request-id",
]);

/** Everything of a call that may shape its answer, as plain data: bytes by their hash, addresses as text. Streamed or not is all the same. */
export function shapeOf({
  abortSignal: _signal,
  includeRawChunks: _raw,
  headers = {},
  ...call
}: LanguageModelV4CallOptions): unknown {
  const shaping = Object.entries(headers).filter(([name]) => !NAMES_ONLY.has(name.toLowerCase()));
  return toPlain({ ...call, headers: Object.fromEntries(shaping.map(([name, value]) => [name.toLowerCase(), value])) });
}

/** All that a model reads, as one text, for an estimate of its tokens: no files, which are not counted by their bytes. */
export function wordsOf({ prompt, tools, responseFormat }: LanguageModelV4CallOptions): string {
  return JSON.stringify([prompt, tools, responseFormat], (_key, value: unknown) =>
    typeof value === "object" && value !== null && "type" in value && value.type === "file" ? undefined : value,
  );
}

function toPlain(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) return `sha256:${hash("sha256", value)}`;
  if (value instanceof URL) return value.href;
  if (value instanceof Date) return value.toISOString();
  if (value instanceof RegExp) return String(value);
  if (Array.isArray(value)) return value.map(toPlain);
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, toPlain(entry)]));
}
