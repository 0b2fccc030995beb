import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { setImmediate as nextTurn } from "node:timers/promises";

export type Headers = Readonly<Record<string, string>>;

const JSON_TYPE = "application/json";
const EVENTS = { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" } as const;

/** Sends a value as JSON. */
export function sendJson(
  response: ServerResponse,
  { status, body }: { readonly status: number; readonly body: unknown },
  headers: Headers = {},
): void {
  sendText(response, { status, text: JSON.stringify(body), type: JSON_TYPE }, headers);
}

/** Sends a text with its length. */
export function sendText(
  response: ServerResponse,
  {
    status,
    text,
    type = JSON_TYPE,
  }: { readonly status: number; readonly text: string | Buffer; readonly type?: string },
  headers: Headers = {},
): void {
  response.writeHead(status, { ...headers, "content-type": type, "content-length": Buffer.byteLength(text) });
  response.end(text);
}

/** Begins an answer of unknown length; its head goes out at once. */
export function beginEvents(response: ServerResponse, headers: Headers): void {
  response.writeHead(200, { ...headers, ...EVENTS });
  response.flushHeaders();
}

/** Begins an answer of known length; its head goes out at once. */
export function beginJson(response: ServerResponse, bytes: number, headers: Headers): void {
  response.writeHead(200, { ...headers, "content-type": JSON_TYPE, "content-length": bytes });
  response.flushHeaders();
}

/** Writes a piece, and waits while the client does not read. Rejects when the client leaves meanwhile. */
export async function write(response: ServerResponse, piece: string | Buffer, left: AbortSignal): Promise<void> {
  if (!response.write(piece)) await once(response, "drain", { signal: left });
}

/** Waits until what was written is with the kernel, then closes the connection, or resets it. */
export async function breakOff(response: ServerResponse, isReset: boolean): Promise<void> {
  // The response gathers what is written in one turn.
  await nextTurn();
  const { socket } = response;
  if (socket === null) return;
  if (socket.writableLength > 0) await new Promise((resolve) => socket.write("", resolve));
  if (isReset) socket.resetAndDestroy();
  else response.destroy();
}
