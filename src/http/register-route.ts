import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { MillraceError } from "../core/errors.ts";
import { check, type InputMistake, inputInvalid, parse, type Schema } from "../core/schema.ts";
import { isNoneMatch } from "./entity-tag.ts";
import type { PrincipalOf } from "./principal.ts";
import { type Answer, type MadeAnswer, type ResponseCache, toAnswer } from "./response-cache.ts";
import type { Route, RouteCache } from "./route.ts";
import { WithStatus } from "./with-status.ts";

export interface RegisterOptions {
  readonly responses: ResponseCache;
  readonly principalOf: PrincipalOf;
}

const JSON_TYPE = "application/json; charset=utf-8";
/** Hashing more than this for an ETag costs more than it saves. In UTF-16 units. */
const LONGEST_TAGGED = 65_536;
const X_CACHE = { memory: "hit", database: "hit", files: "hit", joined: "hit", fresh: "miss", stale: "stale" } as const;

/** Serves a route: its parts are checked by their schemas, and what the handler returns is sent as JSON. */
export function registerRoute(app: FastifyInstance, route: Route, { responses, principalOf }: RegisterOptions): void {
  const { cache, method, path } = route;
  if (cache !== undefined && method !== "GET") {
    throw new MillraceError("INPUT_INVALID", `${method} ${path} cannot be cached: only answers to GET are kept.`);
  }
  const handle = route.handle as unknown as (request: unknown) => unknown;

  async function make(request: FastifyRequest, input: object): Promise<MadeAnswer> {
    const value = await handle({ ...input, requestId: request.id, principal: principalOf(request).id });
    if (value instanceof WithStatus) return { status: value.status, value: value.body };
    return { status: route.status ?? 200, value };
  }

  app.route({
    method,
    url: path,
    async handler(request, reply) {
      const input = {
        params: await parsePart(route.params, request.params, "the address"),
        query: await parseQuery(route.query, request.query),
        body: await parseBody(route.body, request.body),
      };
      const signal = signalOf(request, reply);
      if (cache === undefined) return send(request, reply, await make(request, { ...input, signal }));
      const { params, query, headers } = request;
      const kept = await responses.answer(
        { path, cache, params, query, headers, principal: principalOf(request), signal },
        (shared) => make(request, { ...input, signal: shared }),
      );
      reply.header("x-cache", X_CACHE[kept.source]).header("age", Math.floor(kept.ageMs / 1_000));
      return sendAnswer(request, tellCaching(reply, cache), kept.value);
    },
  });
}

function tellCaching(reply: FastifyReply, { vary = [], isPublic = false }: RouteCache): FastifyReply {
  if (vary.length > 0) reply.header("vary", vary.join(", "));
  if (isPublic) reply.header("cache-control", "public, no-cache");
  return reply;
}

/** Gives an answer to GET an ETag where that is cheap. */
function send(request: FastifyRequest, reply: FastifyReply, { status, value }: MadeAnswer): FastifyReply {
  const isRead = request.method === "GET" || request.method === "HEAD";
  if (!isRead || status !== 200 || !isData(value)) return reply.code(status).send(value);
  const body = JSON.stringify(value);
  if (body.length > LONGEST_TAGGED) return reply.code(status).type(JSON_TYPE).send(body);
  return sendAnswer(request, reply, toAnswer(status, body));
}

/** Not a text, bytes or a stream, which are sent as they are. */
function isData(value: unknown): value is object {
  return typeof value === "object" && value !== null && !(value instanceof Uint8Array) && !("pipe" in value);
}

/** Without the body when the client has it already. */
function sendAnswer(request: FastifyRequest, reply: FastifyReply, { status, body, entityTag }: Answer): FastifyReply {
  if (status !== 200) return reply.code(status).type(JSON_TYPE).send(body);
  reply.header("etag", entityTag);
  if (isNoneMatch(request.headers["if-none-match"], entityTag)) return reply.code(304).send();
  return reply.code(200).type(JSON_TYPE).send(body);
}

async function parsePart(schema: Schema | undefined, value: unknown, what: string): Promise<unknown> {
  return schema === undefined ? value : await parse(schema, value, { what });
}

/** Refuses parameters that the schema does not know: a misspelt filter must not answer with everything. */
async function parseQuery(schema: Schema | undefined, value: unknown): Promise<unknown> {
  const given = value as Readonly<Record<string, unknown>>;
  const what = "The query";
  if (schema === undefined) {
    const unknown = unknownParameters(given, {});
    if (unknown.length > 0) throw inputInvalid(unknown, { what });
    return {};
  }
  const result = await check(schema, { ...given });
  if (!result.ok) throw inputInvalid(result.mistakes, { what });
  const unknown = unknownParameters(given, result.value as object);
  if (unknown.length > 0) throw inputInvalid(unknown, { what });
  return result.value;
}

function unknownParameters(given: object, known: object): readonly InputMistake[] {
  const names = Object.keys(given).filter((name) => !Object.hasOwn(known, name));
  return names.map((name) => ({ pointer: `/${name}`, detail: "There is no such query parameter." }));
}

/** A body that is left out counts as `{}`, so that the schema names the fields that are missing. */
async function parseBody(schema: Schema | undefined, value: unknown): Promise<unknown> {
  if (schema !== undefined) return await parse(schema, value ?? {}, { what: "The body" });
  const isEmpty =
    value === undefined || value === null || (typeof value === "object" && Object.keys(value).length === 0);
  if (isEmpty) return undefined;
  throw inputInvalid([{ pointer: "", detail: "This address takes no body." }], { what: "The body" });
}

function signalOf(request: FastifyRequest, reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once("close", () => {
    if (!reply.raw.writableFinished) gone.abort(new Error(`The client of ${request.id} has gone.`));
  });
  return gone.signal;
}
