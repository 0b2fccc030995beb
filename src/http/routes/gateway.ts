import type { ServerResponse } from "node:http";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Exchange, Gateway, LaneName } from "../../calls/gateway/gateway.ts";
import type { GatewayReply } from "../../calls/gateway/reply.ts";
import { MillraceError } from "../../core/errors.ts";
import { toMillraceError } from "../problem.ts";

/** As much as Anthropic takes, platform.claude.com/docs, api/errors. */
const BODY_LIMIT_BYTES = 32 * 1_024 * 1_024;

/** Whether an answer at this path is written past the framework, heads and all. */
export function isGatewayPath(url: string): boolean {
  return url.startsWith("/v1/");
}

/** Serves the gateway. Bodies are parsed once and answers written past the framework: this is the hot path. */
export async function registerGateway(app: FastifyInstance, gateway: Gateway): Promise<void> {
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      "application/json",
      { parseAs: "string", bodyLimit: BODY_LIMIT_BYTES },
      (_request, body, done) => {
        try {
          done(null, JSON.parse(body.toString()));
        } catch (error) {
          done(new MillraceError("INPUT_INVALID", "The body is not JSON.", { cause: error }));
        }
      },
    );
    scope.setErrorHandler(async (error, request, reply) => {
      await gateway.refuse(laneOf(request.url), ourOwn(error), { requestId: request.id, reply: replyOf(reply) });
      return reply;
    });
    const post = (url: string, handle: (exchange: Exchange) => Promise<void>): unknown =>
      scope.post(url, { bodyLimit: BODY_LIMIT_BYTES }, (request, reply) => handle(exchangeOf(request, reply)));
    const get = (url: string, handle: (exchange: Exchange, id?: string) => Promise<void>): unknown =>
      scope.get(url, { exposeHeadRoute: false }, (request, reply) =>
        handle(exchangeOf(request, reply), (request.params as { readonly "*"?: string })["*"]),
      );
    post("/v1/chat/completions", (exchange) => gateway.generate("chat", exchange));
    post("/v1/messages", (exchange) => gateway.generate("messages", exchange));
    post("/v1/messages/count_tokens", (exchange) => gateway.countTokens(exchange));
    post("/v1/embeddings", (exchange) => gateway.embed(exchange));
    get("/v1/models", (exchange) => gateway.models(exchange));
    // Names of models hold slashes.
    get("/v1/models/*", (exchange, id) => gateway.models(exchange, id));
    // Whatever else is asked here is asked by a client that reads no page.
    scope.all("/v1/*", (request) => {
      throw new MillraceError("NOT_FOUND", `There is no ${request.method} ${request.url.split("?", 1)[0]}.`);
    });
  });
}

/** Whose words an error at a path is told in. */
function laneOf(url: string): LaneName {
  return url.startsWith("/v1/messages") ? "messages" : "chat";
}

function ourOwn(error: unknown): MillraceError {
  const known = toMillraceError(error);
  if (known.code !== "PAYLOAD_TOO_LARGE") return known;
  return new MillraceError("PAYLOAD_TOO_LARGE", "The body is larger than 32 MiB.", { cause: error });
}

function exchangeOf(request: FastifyRequest, reply: FastifyReply): Exchange {
  const gone = new AbortController();
  const { raw } = reply;
  raw.once("close", () => {
    if (!raw.writableFinished) gone.abort(new DOMException(`The client of ${request.id} has gone.`, "AbortError"));
  });
  const { headers, body, id: requestId } = request;
  return { headers, body, requestId, signal: gone.signal, reply: replyOf(reply) };
}

function replyOf(reply: FastifyReply): GatewayReply {
  const { raw } = reply;
  return {
    begin(status, headers) {
      if (raw.headersSent || raw.destroyed) return;
      reply.hijack();
      raw.writeHead(status, headers);
    },
    write: (text) => (raw.destroyed || raw.write(text) ? undefined : roomIn(raw)),
    end: (text) => void (raw.destroyed || raw.end(text)),
  };
}

/** Resolves once the client took what waits for it, or has gone. */
function roomIn(raw: ServerResponse): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const go = (): void => {
    raw.off("drain", go).off("close", go);
    resolve();
  };
  raw.on("drain", go).on("close", go);
  return promise;
}
