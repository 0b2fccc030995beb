import type { IncomingMessage } from "node:http";

const MEGABYTE = 1024 * 1024;

/** Largest bodies, in bytes: Anthropic's for messages and batches, OpenAI's for files of batches. */
export const BODY_LIMITS = { question: 32 * MEGABYTE, batch: 256 * MEGABYTE, file: 200 * MEGABYTE } as const;

/** Reads a body to its end; what is over the limit is not kept. */
export async function readBody(request: IncomingMessage, mostBytes: number): Promise<Buffer | "too large"> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= mostBytes) chunks.push(chunk);
    else chunks.length = 0;
  }
  return bytes > mostBytes ? "too large" : Buffer.concat(chunks);
}

/** Reads JSON; undefined for what is none. */
export function parseJson(text: Buffer | string): unknown {
  try {
    return JSON.parse(text.toString()) as unknown;
  } catch {
    return undefined;
  }
}
