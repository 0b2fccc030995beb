import type { ServerResponse } from "node:http";
import type { LaneName } from "../calls/gateway/gateway.ts";
import type { GatewayReply } from "../calls/gateway/reply.ts";
import { MillraceError } from "../core/errors.ts";

/** As much as Anthropic takes, platform.claude.com/docs, api/errors. */
export const GATEWAY_BODY_LIMIT_BYTES = 32 * 1_024 * 1_024;

/** Where answers are asked for, and in whose words. */
export const GATEWAY_LANES: ReadonlyMap<string, LaneName> = new Map([
  ["/v1/chat/completions", "chat"],
  ["/v1/messages", "messages"],
]);

/** Parses the body of a request. Throws INPUT_INVALID for what is no JSON. */
export function parseGatewayBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new MillraceError("INPUT_INVALID", "The body is not JSON.", { cause: error });
  }
}

/** Where an answer of the gateway goes. `onBegin` is called before its first byte. */
export function replyTo(response: ServerResponse, onBegin?: () => void): GatewayReply {
  return {
    begin(status, headers) {
      if (response.headersSent || response.destroyed) return;
      onBegin?.();
      response.writeHead(status, headers);
    },
    write: (text) => (response.destroyed || response.write(text) ? undefined : roomIn(response)),
    end: (text) => void (response.destroyed || response.end(text)),
  };
}

/** Fires when the client has gone before its answer was out. */
export function clientSignal(response: ServerResponse, requestId: string): AbortSignal {
  const gone = new AbortController();
  response.once("close", () => {
    if (!response.writableFinished) gone.abort(new DOMException(`The client of ${requestId} has gone.`, "AbortError"));
  });
  return gone.signal;
}

/** Resolves once the client took what waits for it, or has gone. */
function roomIn(response: ServerResponse): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const go = (): void => {
    response.off("drain", go).off("close", go);
    resolve();
  };
  response.on("drain", go).on("close", go);
  return promise;
}
