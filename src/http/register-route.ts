import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { check, type InputMistake, inputInvalid, parse, type Schema } from "../core/schema.ts";
import type { Route } from "./route.ts";
import { WithStatus } from "./with-status.ts";

/** Serves a route: its parts are checked by their schemas, and what the handler returns is sent as JSON. */
export function registerRoute(app: FastifyInstance, route: Route): void {
  const handle = route.handle as unknown as (request: unknown) => unknown;
  app.route({
    method: route.method,
    url: route.path,
    async handler(request, reply) {
      const input = {
        params: await parsePart(route.params, request.params, "the address"),
        query: await parseQuery(route.query, request.query),
        body: await parseBody(route.body, request.body),
        requestId: request.id,
        signal: signalOf(request, reply),
      };
      const answer = await handle(input);
      if (answer instanceof WithStatus) return reply.code(answer.status).send(answer.body);
      return reply.code(route.status ?? 200).send(answer);
    },
  });
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
