import type { Usage } from "../account/usage.ts";
import { promptTokens } from "../account/usage.ts";
import { answerItem, type ItemResult } from "../batch/answer-item.ts";
import { type BatchPhase, type BatchRun, createBatchRun } from "../batch/batch-run.ts";
import { createShelf, type Shelf } from "../batch/shelf.ts";
import { shuffledPlaces } from "../batch/shuffle.ts";
import { chanceOf } from "../chance.ts";
import { answer, type Exchange, refuse, refuseField } from "../exchange.ts";
import { pageOf } from "../http/page.ts";
import { BODY_LIMITS, parseJson, readBody } from "../http/read-body.ts";
import { isObject } from "../question.ts";
import type { World } from "../world.ts";
import { type BatchInput, type BatchLine, parseBatchInput } from "./batch-input.ts";
import { embedItem } from "./embeddings.ts";

interface Done {
  readonly line: BatchLine;
  readonly id: string;
  readonly requestId: string;
  readonly result: ItemResult;
}

interface FileBatch {
  readonly id: string;
  readonly organization: string;
  readonly bytes: number;
  readonly inputFileId: string;
  readonly endpoint: string;
  readonly metadata: unknown;
  readonly input: BatchInput;
  readonly run: BatchRun<Done>;
  /** Ids of the files with the results, once they are written. */
  written: { readonly output: string | null; readonly errors: string | null } | undefined;
}

export type FileBatches = Shelf<FileBatch>;

export function createFileBatches(): FileBatches {
  return createShelf();
}

const ENDPOINTS = ["/v1/chat/completions", "/v1/embeddings", "/v1/responses"];
const FILE_MS = 30 * 24 * 60 * 60_000;

/** Answers `POST /v1/batches`. What is wrong with the file makes the batch fail later on. */
export async function createBatch(exchange: Exchange): Promise<void> {
  const { world, request, organization } = exchange;
  const body = await readBody(request, BODY_LIMITS.question);
  const value = body === "too large" ? undefined : parseJson(body);
  if (!isObject(value)) {
    refuseField(exchange, null, "We could not parse the JSON body of your request.");
    return;
  }
  const { input_file_id: fileId, endpoint, completion_window: window, metadata = null } = value;
  const file = world.files.get(String(fileId), organization, world.clock.now());
  if (file === undefined) {
    refuseField(exchange, "input_file_id", `Invalid 'input_file_id': there is no file '${String(fileId)}'.`);
    return;
  }
  if (typeof endpoint !== "string" || !ENDPOINTS.includes(endpoint)) {
    refuseField(exchange, "endpoint", `'endpoint' must be one of: ${ENDPOINTS.join(", ")}.`);
    return;
  }
  if (window !== "24h") {
    refuseField(exchange, "completion_window", "'completion_window' must be 24h.");
    return;
  }
  const id = `batch_${world.nextId()}`;
  const input = parseBatchInput(file.content, endpoint);
  const lines = input.ok ? input.lines : [];
  const batch: FileBatch = {
    id,
    organization,
    bytes: file.content.length,
    inputFileId: file.id,
    endpoint,
    metadata,
    input,
    run: createBatchRun({
      order: shuffledPlaces(lines.length, chanceOf(world.seed, "batch", id)),
      createdAt: world.clock.now(),
      durationMs: world.behaviour().batchMs,
      answer: (place) => answerLine(world, { organization, endpoint, line: lines[place] ?? NO_LINE }),
    }),
    written: undefined,
  };
  world.fileBatches.put(batch);
  answer(exchange, shell(batch, { name: "validating" }));
}

const NO_LINE: BatchLine = { customId: "", body: {} };

interface LineOptions {
  readonly organization: string;
  readonly endpoint: string;
  readonly line: BatchLine;
}

function answerLine(world: World, { organization, endpoint, line }: LineOptions): Done {
  const requestId = `req_${world.nextId()}`;
  const item = { world, organization, body: line.body, headers: {}, requestId };
  const { chat, responses } = world.dialects;
  const result =
    endpoint === "/v1/embeddings"
      ? embedItem(item)
      : answerItem({ ...item, dialect: endpoint === "/v1/responses" ? responses : chat });
  return { line, id: `batch_req_${world.nextId()}`, requestId, result };
}

/** Writes a batch without what has to be counted. */
function shell({ id, endpoint, inputFileId, metadata, run, input }: FileBatch, phase: BatchPhase) {
  const status = statusOf(input, phase);
  const reached = (at: number, isReached: boolean): number | null => (isReached ? seconds(at) : null);
  const isBegun = status !== "validating" && status !== "failed";
  const endedAt = phase.name === "ended" ? phase.at : 0;
  const isPut = status === "finalizing" || status === "completed";
  return {
    id,
    object: "batch",
    endpoint,
    model: input.ok ? input.model : null,
    errors: status === "failed" && !input.ok ? { object: "list", data: input.mistakes } : null,
    input_file_id: inputFileId,
    completion_window: "24h",
    status,
    output_file_id: null as string | null,
    error_file_id: null as string | null,
    created_at: seconds(run.createdAt),
    in_progress_at: reached(run.processing.from, isBegun),
    expires_at: seconds(run.expiresAt),
    finalizing_at: reached(run.processing.until, isPut),
    completed_at: reached(endedAt, status === "completed"),
    failed_at: reached(run.processing.from, status === "failed"),
    expired_at: reached(endedAt, status === "expired"),
    cancelling_at: run.canceledAt === undefined ? null : seconds(run.canceledAt),
    cancelled_at: reached(endedAt, status === "cancelled"),
    request_counts: { total: 0, completed: 0, failed: 0 },
    metadata,
  };
}

function seconds(at: number): number {
  return Math.floor(at / 1_000);
}

function statusOf(input: BatchInput, phase: BatchPhase): string {
  if (phase.name === "validating") return "validating";
  if (!input.ok) return "failed";
  switch (phase.name) {
    case "processing":
      return "in_progress";
    case "finalizing":
      return "finalizing";
    case "canceling":
      return "cancelling";
    case "ended":
      return phase.because === "canceled" ? "cancelled" : phase.because;
  }
}

async function toBatch({ world }: Exchange, batch: FileBatch, phase = batch.run.phase(world.clock.now())) {
  const { input, run } = batch;
  if (!input.ok) return shell(batch, phase);
  const done = await run.results(world.clock.now());
  const completed = done.filter(({ result }) => result.ok).length;
  if (phase.name === "ended") batch.written ??= writeFiles(world, batch, { done, phase });
  return {
    ...shell(batch, phase),
    output_file_id: batch.written?.output ?? null,
    error_file_id: batch.written?.errors ?? null,
    request_counts: { total: input.lines.length, completed, failed: done.length - completed },
    usage: toUsage(done),
  };
}

function toUsage(done: readonly Done[]) {
  const usages = done.flatMap(({ result }) => (result.ok ? [result.usage] : []));
  const sum = (of: (usage: Usage) => number): number => usages.reduce((total, usage) => total + of(usage), 0);
  const input = sum(promptTokens);
  const output = sum(({ outputTokens }) => outputTokens);
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: sum(({ cacheReadTokens }) => cacheReadTokens) },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: sum(({ reasoningTokens }) => reasoningTokens) },
    total_tokens: input + output,
  };
}

interface Ending {
  readonly done: readonly Done[];
  readonly phase: Extract<BatchPhase, { readonly name: "ended" }>;
}

/** Good answers in one file, all others in another; a file with nothing in it does not exist. */
function writeFiles(world: World, batch: FileBatch, { done, phase }: Ending): NonNullable<FileBatch["written"]> {
  const { input, run, organization } = batch;
  const undone = run.undone(phase.at).map((place) => (input.ok ? input.lines[place] : undefined) ?? NO_LINE);
  const write = (kind: string, lines: readonly unknown[]): string | null => {
    if (lines.length === 0) return null;
    const id = `file-${world.nextId()}`;
    const content = Buffer.from(`${lines.map((line) => JSON.stringify(line)).join("\n")}\n`);
    const times = { createdAt: phase.at, expiresAt: phase.at + FILE_MS };
    world.files.put({
      id,
      organization,
      filename: `${batch.id}_${kind}.jsonl`,
      purpose: "batch_output",
      content,
      ...times,
    });
    return id;
  };
  return {
    output: write("output", done.filter(({ result }) => result.ok).map(toLine)),
    errors: write("error", [
      ...done.filter(({ result }) => !result.ok).map(toLine),
      ...undone.map((line) => undoneLine(world, line, phase.because)),
    ]),
  };
}

function toLine({ line, id, requestId, result }: Done) {
  const status = result.ok ? 200 : result.reply.status;
  const body = result.ok ? result.body : result.reply.body;
  return { id, custom_id: line.customId, response: { status_code: status, request_id: requestId, body }, error: null };
}

function undoneLine(world: World, { customId }: BatchLine, because: Ending["phase"]["because"]) {
  const error =
    because === "canceled"
      ? { code: "batch_cancelled", message: "This request was not executed since the batch was cancelled." }
      : { code: "batch_expired", message: "This request could not be executed before the completion window expired." };
  return { id: `batch_req_${world.nextId()}`, custom_id: customId, response: null, error };
}

/** Answers `GET /v1/batches`, newest first. */
export async function listBatches(exchange: Exchange): Promise<void> {
  const { world, organization, url } = exchange;
  const after = url.searchParams.get("after");
  const limit = url.searchParams.get("limit");
  const page = pageOf(world.fileBatches.list(organization), { after, limit, standard: 20 });
  const data = await Promise.all(page.items.map((batch) => toBatch(exchange, batch)));
  answer(exchange, { object: "list", data, ...page.ends });
}

/** Answers `GET /v1/batches/{id}` and `POST …/cancel`. */
export async function oneBatch(exchange: Exchange): Promise<void> {
  const { world, organization, params, request } = exchange;
  const [id = "", verb] = params;
  const batch = world.fileBatches.get(id, organization);
  request.resume();
  const isCancel = verb === "cancel" && request.method === "POST";
  if (batch === undefined || (verb !== undefined && !isCancel)) {
    refuse(exchange, { kind: "not-found", what: `No batch found with id '${id}'.` });
    return;
  }
  const now = world.clock.now();
  if (isCancel && (batch.run.phase(now).name === "ended" || !batch.input.ok)) {
    refuse(exchange, { kind: "conflict", what: `Batch '${id}' has ended and cannot be cancelled.` });
    return;
  }
  if (isCancel) batch.run.cancel(now);
  answer(exchange, isCancel ? await toBatch(exchange, batch, { name: "canceling" }) : await toBatch(exchange, batch));
}
