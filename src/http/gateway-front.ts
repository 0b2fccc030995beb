import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Gateway, LaneName } from "../calls/gateway/gateway.ts";
import type { Clock } from "../core/clock.ts";
import type { Ids } from "../core/ids.ts";
import { clientSignal, GATEWAY_BODY_LIMIT_BYTES, GATEWAY_LANES, parseGatewayBody, replyTo } from "./gateway-reply.ts";
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

/**
 * Answers the gateway's plain requests before the framework sees them, at a part of its price: JSON whose length is told, sent here by no
 * page, while nothing is refused. Whatever else comes goes the framework's way, which knows all the reasons to refuse.
 */
export function putGatewayFront(server: Server, options: GatewayFrontOptions): void {
  const others = server.listeners("request");
  server.removeAllListeners("request");
  server.on("request", (request, response) => {
    const lane = GATEWAY_LANES.get(request.url ?? "");
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
  function answerBody(text: string): Promise<void> {
    let body: unknown;
    try {
      body = parseGatewayBody(text);
    } catch (error) {
      return gateway.refuse(lane, error, { requestId, reply });
    }
    return gateway.generate(lane, { headers: request.headers, body, requestId, signal, reply });
  }
  const pieces: Buffer[] = [];
  request.on("data", (piece: Buffer) => void pieces.push(piece));
  request.on("end", () => {
    // Whatever goes wrong is answered: what is left is an answer that could not be written.
    answerBody(textOf(pieces)).catch(() => response.destroy());
  });
}

function textOf(pieces: readonly Buffer[]): string {
  const [first] = pieces;
  return (first !== undefined && pieces.length === 1 ? first : Buffer.concat(pieces)).toString();
}
