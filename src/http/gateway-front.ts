import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Gateway, LaneName } from "../calls/gateway/gateway.ts";
import type { Clock } from "../core/clock.ts";
import { MillraceError } from "../core/errors.ts";
import type { Ids } from "../core/ids.ts";
import { clientSignal, GATEWAY_BODY_LIMIT_BYTES, replyTo } from "./gateway-reply.ts";
import { isOwnOrigin } from "./guard.ts";
import type { ServedMetrics } from "./served-metrics.ts";

export interface GatewayFrontOptions {
  readonly gateway: Gateway;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly metrics: ServedMetrics | undefined;
  /** Whether the server is about to close. */
  readonly isClosing: () => boolean;
}

const LANES: ReadonlyMap<string | undefined, LaneName> = new Map([
  ["/v1/chat/completions", "chat"],
  ["/v1/messages", "messages"],
]);

/**
 * Answers the gateway's plain requests before the framework sees them, at a part of its price: JSON whose length is told, sent here by no
 * page, while nothing is refused. Whatever else comes goes the framework's way, which knows all the reasons to refuse.
 */
export function putGatewayFront(server: Server, options: GatewayFrontOptions): void {
  const others = server.listeners("request");
  server.removeAllListeners("request");
  server.on("request", (request, response) => {
    const lane = LANES.get(request.url);
    if (lane !== undefined && isPlain(request, options)) answer(lane, { request, response }, options);
    else for (const other of others) other.call(server, request, response);
  });
}

function isPlain({ method, headers }: IncomingMessage, { metrics, isClosing }: GatewayFrontOptions): boolean {
  return (
    method === "POST" &&
    headers["content-type"] === "application/json" &&
    Number(headers["content-length"]) <= GATEWAY_BODY_LIMIT_BYTES &&
    headers["content-encoding"] === undefined &&
    headers["sec-fetch-site"] === undefined &&
    isOwnOrigin({ host: headers.host, origin: headers.origin, site: undefined }) &&
    !isClosing() &&
    metrics?.refusal() === undefined
  );
}

interface Parties {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

function answer(lane: LaneName, { request, response }: Parties, options: GatewayFrontOptions): void {
  const { gateway, ids, clock, metrics } = options;
  const requestId = ids.next();
  const reply = replyTo(response);
  const signal = clientSignal(response, requestId);
  if (metrics !== undefined) {
    const { url: route = "" } = request;
    const beganAt = clock.monotonic();
    metrics.began();
    response.once("close", () => {
      metrics.answered({ method: "POST", route, status: response.statusCode, ms: clock.monotonic() - beganAt });
    });
  }
  const pieces: Buffer[] = [];
  request.on("data", (piece: Buffer) => void pieces.push(piece));
  request.on("end", () => {
    const body = parse(pieces);
    const answered =
      body instanceof MillraceError
        ? gateway.refuse(lane, body, { requestId, reply })
        : gateway.generate(lane, { headers: request.headers, body, requestId, signal, reply });
    // Both answer what goes wrong themselves: what is left is an answer that could not be written.
    answered.catch(() => response.destroy());
  });
}

function parse(pieces: readonly Buffer[]): unknown {
  const [first] = pieces;
  try {
    return JSON.parse((first !== undefined && pieces.length === 1 ? first : Buffer.concat(pieces)).toString());
  } catch (error) {
    return new MillraceError("INPUT_INVALID", "The body is not JSON.", { cause: error });
  }
}
