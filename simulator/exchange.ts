import type { IncomingMessage, ServerResponse } from "node:http";
import type { Complaint, Lane } from "./lane.ts";
import { type Headers, sendJson } from "./http/send.ts";
import type { LogRecord } from "./request-log.ts";
import type { World } from "./world.ts";

/** One exchange: who asked, and what its answer needs. */
export interface Exchange {
  readonly world: World;
  readonly lane: Lane;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  /** What the route's pattern found in the path. */
  readonly params: readonly string[];
  readonly organization: string;
  readonly requestId: string;
  readonly headers: Headers;
  readonly record: LogRecord;
  /** Fires when the client has left. */
  readonly left: AbortSignal;
}

/** Sends an answer. */
export function answer({ response, headers }: Exchange, body: unknown, status = 200): void {
  sendJson(response, { status, body }, headers);
}

/** Says no. */
export function refuse(
  { lane, response, requestId, headers }: Exchange,
  complaint: Complaint,
  more: Headers = {},
): void {
  sendJson(response, lane.error(complaint, requestId), { ...headers, ...more });
}

/** Says that something in the request is wrong. */
export function refuseField(exchange: Exchange, field: string | null, message: string, code?: string): void {
  const mistake = { field, message, ...(code === undefined ? {} : { code }) };
  refuse(exchange, { kind: "bad-request", mistake });
}
