import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Exchange, Gateway, LaneName } from "../../calls/gateway/gateway.ts";
import type { GatewayReply } from "../../calls/gateway/reply.ts";
import { MillraceError } from "../../core/errors.ts";
import { clientSignal, GATEWAY_BODY_LIMIT_BYTES, GATEWAY_LANES, parseGatewayBody, replyTo } from "../gateway-reply.ts";
import { toMillraceError } from "../problem.ts";

/** Whether an answer at this path is written past the framework, heads and all. */
export function isGatewayPath(url: string): boolean {
  return url.startsWith("/v1/");
}

/** Serves the gateway: its rarer addresses, and what its front leaves to the framework. Answers are written past it. */
export async function registerGateway(app: FastifyInstance, gateway: Gateway): Promise<void> {
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      "application/json",
      { parseAs: "string", bodyLimit: GATEWAY_BODY_LIMIT_BYTES },
      (_request, body, done) => {
        try {
          done(null, parseGatewayBody(body.toString()));
        } catch (error) {
          done(error as MillraceError);
        }
      },
    );
    scope.setErrorHandler(async (error, request, reply) => {
      await gateway.refuse(laneOf(request.url), ourOwn(error), { requestId: request.id, reply: replyOf(reply) });
      return reply;
    });
    const post = (url: string, handle: (exchange: Exchange) => Promise<void>): unknown =>
      scope.post(url, { bodyLimit: GATEWAY_BODY_LIMIT_BYTES }, (request, reply) => handle(exchangeOf(request, reply)));
    const get = (url: string, handle: (exchange: Exchange, id?: string) => Promise<void>): unknown =>
      scope.get(url, { exposeHeadRoute: false }, (request, reply) =>
        handle(exchangeOf(request, reply), (request.params as { readonly "*"?: string })["*"]),
      );
    for (const [url, lane] of GATEWAY_LANES) post(url, (exchange) => gateway.generate(lane, exchange));
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
  const { headers, body, id: requestId } = request;
  return { headers, body, requestId, signal: clientSignal(reply.raw, requestId), reply: replyOf(reply) };
}

function replyOf(reply: FastifyReply): GatewayReply {
  return replyTo(reply.raw, () => void reply.hijack());
}
