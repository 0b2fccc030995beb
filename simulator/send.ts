import type { ServerResponse } from "node:http";
import type { ErrorReply } from "./lane.ts";

type Headers = Readonly<Record<string, string>>;

/** Sends a value as JSON. */
export function sendJson(response: ServerResponse, { status, body }: ErrorReply, headers: Headers = {}): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { ...headers, ...lengthOf(text) });
  response.end(text);
}

/** Sends a text that claims to be JSON. */
export function sendBody(response: ServerResponse, text: string, headers: Headers): void {
  response.writeHead(200, { ...headers, ...lengthOf(text) });
  response.end(text);
}

/** Declares a whole body, sends 60 % of it, and cuts the connection. */
export function cutOff(response: ServerResponse, text: string, headers: Headers): void {
  response.writeHead(200, { ...headers, ...lengthOf(text) });
  const part = Buffer.from(text).subarray(0, Math.ceil(Buffer.byteLength(text) * 0.6));
  response.write(part, () => response.destroy());
}

/** Sends server-sent events, and ends them as they should end or by cutting the connection. */
export function sendFrames(
  response: ServerResponse,
  frames: readonly string[],
  headers: Headers,
  ending: "end" | "cut",
): void {
  response.writeHead(200, {
    ...headers,
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache",
  });
  for (const frame of frames.slice(0, -1)) response.write(frame);
  const last = frames.at(-1) ?? "";
  if (ending === "end") response.end(last);
  else response.write(last, () => response.destroy());
}

function lengthOf(text: string): Headers {
  return { "content-type": "application/json", "content-length": String(Buffer.byteLength(text)) };
}
