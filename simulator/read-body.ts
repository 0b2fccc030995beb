import type { IncomingMessage } from "node:http";

/** Anthropic's own limit for messages. */
const LARGEST_BYTES = 32 * 1024 * 1024;

/** Reads a body as JSON; a body that is not JSON gives undefined as its value. */
export async function readJsonBody(request: IncomingMessage): Promise<{ readonly value: unknown } | "too large"> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= LARGEST_BYTES) chunks.push(chunk);
  }
  if (bytes > LARGEST_BYTES) return "too large";
  try {
    return { value: JSON.parse(Buffer.concat(chunks).toString("utf8")) };
  } catch {
    return { value: undefined };
  }
}
