import type { IncomingMessage, ServerResponse } from "node:http";
import { MillraceError } from "millrace";
import type { BatchPush } from "../batch/batch-run.ts";
import { BODY_LIMITS, parseJson, readBody } from "../http/read-body.ts";
import { sendJson } from "../http/send.ts";
import { isObject } from "../question.ts";
import type { World } from "../world.ts";
import { failoverControl } from "./failover-control.ts";

const PREFIX = "/_simulator/";
/** Where failoverbench looks for the same. */
const FAILOVER_PREFIX = "/control/";

/** Asks whether a path is the simulator's own. */
export function isControlPath(path: string): boolean {
  return path.startsWith(PREFIX) || path.startsWith(FAILOVER_PREFIX);
}

export interface ControlCall {
  readonly world: World;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
}

interface Reply {
  readonly status: number;
  readonly body: unknown;
}

/** Answers the simulator's own routes: they are not counted. Only for programs on this machine; pages of a browser are refused. */
export async function control({ world, request, response, url }: ControlCall): Promise<void> {
  const body = await readBody(request, BODY_LIMITS.question);
  if (!isFromHere(request)) {
    sendJson(response, complain(403, "Control calls are for programs on the simulator's own machine."));
    return;
  }
  const { pathname } = url;
  const route = `${request.method} ${pathname}`;
  const value = body === "too large" || body.length === 0 ? undefined : parseJson(body);
  const reply = pathname.startsWith(PREFIX) ? act(world, route, value) : failoverControl(world, route, value);
  sendJson(response, reply ?? complain(404, `There is no ${route}.`));
}

function isFromHere({ socket: { remoteAddress = "" }, headers }: IncomingMessage): boolean {
  const isLoopback = /^(?:::ffff:)?127\.|^::1$/.test(remoteAddress);
  // A page may come under a name of its own that leads to this machine.
  const isNamedSo = /^(?:127\.[\d.]+|localhost|\[::1\])(?::\d+)?$/i.test(headers.host ?? "");
  return isLoopback && isNamedSo && headers.origin === undefined;
}

function complain(status: number, message: string): Reply {
  return { status, body: { error: { message } } };
}

function act(world: World, route: string, value: unknown): Reply | undefined {
  switch (route) {
    case `GET ${PREFIX}health`:
      return { status: 200, body: { ok: true, seed: world.seed, elapsedMs: Math.round(world.elapsedMs()) } };
    case `GET ${PREFIX}stats`:
      return { status: 200, body: world.stats.read() };
    case `GET ${PREFIX}ledger`:
      return { status: 200, body: { entries: world.ledger.read() } };
    case `GET ${PREFIX}log`:
      return { status: 200, body: { requests: world.log.read() } };
    case `GET ${PREFIX}config`:
      return { status: 200, body: world.behaviour() };
    case `POST ${PREFIX}config`:
      return configure(world, value);
    case `POST ${PREFIX}reset`:
      world.reset();
      return { status: 200, body: world.stats.read() };
    default:
      return route.startsWith(`POST ${PREFIX}batches/`)
        ? pushBatch(world, route.split("/").at(-1) ?? "", value)
        : undefined;
  }
}

function configure(world: World, change: unknown): Reply {
  try {
    if (!isObject(change))
      throw new MillraceError("INPUT_INVALID", "That is not a JSON object.", { advice: "Send one." });
    world.configure(change);
    return { status: 200, body: world.behaviour() };
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    return complain(400, `${error.message} ${error.advice}`);
  }
}

/** Brings a batch of either provider forward: `{ "share": 0.5 }`, `{ "to": "end" }` or `{ "to": "expire" }`. */
function pushBatch(world: World, id: string, value: unknown): Reply {
  const batch = world.messageBatches.find(id) ?? world.fileBatches.find(id);
  if (batch === undefined) return complain(404, `There is no batch ${id}.`);
  const push = toPush(value);
  if (push === undefined)
    return complain(400, 'Send { "share": a number from 0 to 1 }, { "to": "end" } or { "to": "expire" }.');
  const now = world.clock.now();
  batch.run.push(push, now);
  return { status: 200, body: { id, phase: batch.run.phase(now) } };
}

function toPush(value: unknown): BatchPush | undefined {
  if (!isObject(value)) return undefined;
  const { share, to } = value;
  if (to === "end" || to === "expire") return to;
  return typeof share === "number" && share >= 0 && share <= 1 ? { share } : undefined;
}
