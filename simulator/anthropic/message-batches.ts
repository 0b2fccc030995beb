import { type BatchPhase, type BatchRun, createBatchRun } from "../batch/batch-run.ts";
import { answerItem } from "../batch/answer-item.ts";
import { createShelf, type Shelf } from "../batch/shelf.ts";
import { shuffledPlaces } from "../batch/shuffle.ts";
import { chanceOf } from "../chance.ts";
import { answer, type Exchange, refuse, refuseField } from "../exchange.ts";
import { pageOf } from "../http/page.ts";
import { BODY_LIMITS, parseJson, readBody } from "../http/read-body.ts";
import { write } from "../http/send.ts";
import { type Fields, isObject } from "../question.ts";
import type { World } from "../world.ts";
import { anthropicLane } from "./lane.ts";
import { messages } from "./messages.ts";

/** One line of the results. */
interface Line {
  readonly custom_id: string;
  readonly result:
    | { readonly type: "succeeded"; readonly message: unknown }
    | { readonly type: "errored"; readonly error: unknown }
    | { readonly type: "canceled" | "expired" };
}

interface MessageBatch {
  readonly id: string;
  readonly organization: string;
  readonly bytes: number;
  readonly ids: readonly string[];
  readonly run: BatchRun<Line>;
}

export type MessageBatches = Shelf<MessageBatch>;

export function createMessageBatches(): MessageBatches {
  return createShelf();
}

const CUSTOM_ID = /^[a-zA-Z0-9_-]{1,64}$/;
const MOST_REQUESTS = 100_000;
/** What a direct call may say, and an item may not. */
const NOT_IN_BATCHES = ["stream", "speed"];

/** Answers `POST /v1/messages/batches`. What is wrong with the params of an item comes back as its result. */
export async function createBatch(exchange: Exchange): Promise<void> {
  const { world, request, organization } = exchange;
  const body = await readBody(request, BODY_LIMITS.batch);
  if (body === "too large") {
    refuse(exchange, { kind: "too-large", what: "Request exceeds the maximum size" });
    return;
  }
  const value = parseJson(body);
  const requests: unknown = isObject(value) ? value["requests"] : undefined;
  const mistake = checkRequests(requests);
  if (mistake !== undefined) {
    refuseField(exchange, "requests", mistake);
    return;
  }
  const items = requests as readonly Fields[];
  const id = `msgbatch_${world.nextId()}`;
  const version = String(request.headers["anthropic-version"] ?? "");
  const batch: MessageBatch = {
    id,
    organization,
    bytes: body.length,
    ids: items.map((item) => String(item["custom_id"])),
    run: createBatchRun({
      order: shuffledPlaces(items.length, chanceOf(world.seed, "batch", id)),
      createdAt: world.clock.now(),
      durationMs: world.behaviour().batchMs,
      answer: (place) => answerLine(world, { organization, version, item: items[place] ?? {} }),
    }),
  };
  world.messageBatches.put(batch);
  answer(exchange, await toBatch(exchange, batch, { name: "processing" }));
}

function checkRequests(requests: unknown): string | undefined {
  if (!Array.isArray(requests) || requests.length === 0) return "requests: at least one request is required";
  if (requests.length > MOST_REQUESTS) return `requests: at most ${MOST_REQUESTS} are allowed`;
  const seen = new Set<string>();
  for (const [index, item] of requests.entries()) {
    const customId: unknown = isObject(item) ? item["custom_id"] : undefined;
    if (!isObject(item) || typeof customId !== "string" || !CUSTOM_ID.test(customId)) {
      return `requests.${index}.custom_id: String should match pattern '${CUSTOM_ID.source}'`;
    }
    if (!isObject(item["params"])) return `requests.${index}.params: Field required`;
    if (seen.has(customId)) return `requests.${index}.custom_id: Duplicate custom_id '${customId}'`;
    seen.add(customId);
  }
  return undefined;
}

function answerLine(
  world: World,
  { organization, version, item }: { readonly organization: string; readonly version: string; readonly item: Fields },
): Line {
  const { custom_id: customId, params } = item;
  const line = { custom_id: String(customId) };
  const requestId = `req_${world.nextId()}`;
  const barred = NOT_IN_BATCHES.find((name) => isObject(params) && name in params);
  if (barred !== undefined) {
    const mistake = { field: barred, message: `${barred}: not allowed in batches` };
    return {
      ...line,
      result: { type: "errored", error: anthropicLane.error({ kind: "bad-request", mistake }, requestId).body },
    };
  }
  const headers = { "anthropic-version": version };
  const result = answerItem({ world, dialect: messages, organization, body: params, headers, requestId });
  if (!result.ok) return { ...line, result: { type: "errored", error: result.reply.body } };
  return { ...line, result: { type: "succeeded", message: result.body } };
}

/** All counts but `processing` are 0 until the whole batch has ended. */
function counting(processing: number) {
  return { processing, succeeded: 0, errored: 0, canceled: 0, expired: 0 };
}

async function linesOf({ ids, run }: MessageBatch, now: number): Promise<readonly Line[]> {
  const phase = run.phase(now);
  const type = phase.name === "ended" && phase.because === "canceled" ? "canceled" : "expired";
  const undone = run.undone(now).map((place): Line => ({ custom_id: ids[place] ?? "", result: { type } }));
  return [...(await run.results(now)), ...undone];
}

async function toBatch({ world, request }: Exchange, batch: MessageBatch, told?: BatchPhase) {
  const { id, ids, run } = batch;
  const now = world.clock.now();
  const phase = told ?? run.phase(now);
  const isEnded = phase.name === "ended";
  const counts = counting(isEnded ? 0 : ids.length);
  if (isEnded) for (const { result } of await linesOf(batch, now)) counts[result.type] += 1;
  return {
    id,
    type: "message_batch",
    processing_status: isEnded ? "ended" : phase.name === "canceling" ? "canceling" : "in_progress",
    request_counts: counts,
    ended_at: isEnded ? timeOf(phase.at) : null,
    created_at: timeOf(run.createdAt),
    expires_at: timeOf(run.expiresAt),
    archived_at: null,
    cancel_initiated_at: run.canceledAt === undefined ? null : timeOf(run.canceledAt),
    results_url: isEnded ? `http://${request.headers.host ?? ""}/v1/messages/batches/${id}/results` : null,
  };
}

function timeOf(at: number): string {
  return new Date(at).toISOString();
}

/** Answers `GET /v1/messages/batches`, newest first. */
export async function listBatches(exchange: Exchange): Promise<void> {
  const { world, organization, url } = exchange;
  const { searchParams } = url;
  const ends = { after: searchParams.get("after_id"), before: searchParams.get("before_id") };
  const page = pageOf(world.messageBatches.list(organization), {
    ...ends,
    limit: searchParams.get("limit"),
    standard: 20,
  });
  const data = await Promise.all(page.items.map((batch) => toBatch(exchange, batch)));
  answer(exchange, { data, ...page.ends });
}

/** Answers `GET`, `DELETE`, `…/cancel` and `…/results` of one batch. */
export async function oneBatch(exchange: Exchange): Promise<void> {
  const { world, organization, params, request } = exchange;
  const [id = "", verb] = params;
  const batch = world.messageBatches.get(id, organization);
  request.resume();
  if (batch === undefined) {
    refuse(exchange, { kind: "not-found", what: `Batch ${id} not found` });
    return;
  }
  const now = world.clock.now();
  const isEnded = batch.run.phase(now).name === "ended";
  if (verb === "results" && request.method === "GET") {
    if (isEnded) await sendResults(exchange, batch);
    else refuseField(exchange, null, `Batch ${id} is still in progress; it has no results yet.`);
  } else if (verb === "cancel" && request.method === "POST") {
    batch.run.cancel(now);
    // A cancellation is seen under way, however short it is.
    answer(exchange, await toBatch(exchange, batch, isEnded ? undefined : { name: "canceling" }));
  } else if (verb === undefined && request.method === "GET") {
    answer(exchange, await toBatch(exchange, batch));
  } else if (verb === undefined && request.method === "DELETE") {
    if (isEnded) world.messageBatches.delete(batch);
    if (isEnded) answer(exchange, { id, type: "message_batch_deleted" });
    else refuse(exchange, { kind: "conflict", what: `Batch ${id} has not ended: cancel it first.` });
  } else refuse(exchange, { kind: "not-found", what: "Not Found" });
}

/** In the order in which the items were done, which is none that a client could know. */
async function sendResults({ world, response, headers, left }: Exchange, batch: MessageBatch): Promise<void> {
  const lines = await linesOf(batch, world.clock.now());
  response.writeHead(200, { ...headers, "content-type": "application/x-jsonl" });
  for (const line of lines) await write(response, `${JSON.stringify(line)}\n`, left);
  response.end();
}
