import type { IncomingMessage, ServerResponse } from "node:http";
import { MillraceError } from "millrace";
import { type ErrorReply, isObject } from "./lane.ts";
import { readJsonBody } from "./read-body.ts";
import { sendJson } from "./send.ts";
import type { World } from "./world.ts";

/** Answers the simulator's own routes, below `/_simulator/`: they are not counted. */
export async function control(world: World, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const route = `${request.method} ${request.url?.split("?")[0]}`;
  const body = await readJsonBody(request);
  sendJson(response, act(world, route, body === "too large" ? undefined : body.value));
}

function act(world: World, route: string, change: unknown): ErrorReply {
  switch (route) {
    case "GET /_simulator/stats":
      return { status: 200, body: world.stats.read() };
    case "POST /_simulator/reset":
      world.stats.reset();
      return { status: 200, body: world.stats.read() };
    case "POST /_simulator/config":
      return configure(world, change);
    default:
      return { status: 404, body: { error: { message: `There is no ${route}.` } } };
  }
}

function configure(world: World, change: unknown): ErrorReply {
  try {
    const known = Object.keys(world.behaviour());
    const advice = `Send a JSON object with some of: ${known.join(", ")}.`;
    if (!isObject(change)) throw new MillraceError("INPUT_INVALID", "That is not a JSON object.", { advice });
    const unknown = Object.keys(change).find((name) => !known.includes(name));
    if (unknown !== undefined) throw new MillraceError("INPUT_INVALID", `There is no "${unknown}" to set.`, { advice });
    world.configure(change);
    return { status: 200, body: world.behaviour() };
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    return { status: 400, body: { error: { message: `${error.message} ${error.advice}` } } };
  }
}
