import { classifyNetworkError, classifyReply } from "../../model/classify.ts";
import type { ProviderConfig } from "../../model/config.ts";
import type { Transport } from "../../model/transport.ts";
import { ModelFailure } from "../../model/failure.ts";
import { parseJson } from "../../model/wire/fields.ts";
import { ANTHROPIC_VERSION } from "../../model/wire/anthropic/codec.ts";

/** One question of a batch: the JSON of its request. */
export interface BatchItem {
  /** 1 to 64 letters, digits, dashes and underscores; unique in the batch. */
  readonly customId: string;
  readonly body: string;
}

/** One line of what a batch gave. */
export interface BatchLine {
  /** Of the question that it answers; empty where the line cannot be read. */
  readonly customId: string;
  readonly result: BatchResult;
}

/** The reply to one question as it came, or why there is none. */
export type BatchResult =
  | { readonly ok: true; readonly reply: unknown }
  | { readonly ok: false; readonly detail: string };

export interface BatchHanding {
  /** Names the batch, for `find`, where the provider keeps a name: letters and digits. */
  readonly mark: string;
  readonly signal: AbortSignal;
}

/** A batch that was sent, and nobody knows whether it arrived. */
export interface LostBatch {
  readonly mark: string;
  /** When it was sent, in milliseconds since the epoch, by this machine's clock. */
  readonly sentAt: number;
  /** It has at least so many. */
  readonly items: number;
}

export interface FoundBatch {
  readonly id: string;
  /** False: only the custom ids of its results tell whether it is the one. */
  readonly isCertain: boolean;
}

/** How far the clocks of this machine and of a provider may be apart, in milliseconds. */
export const CLOCK_SKEW_MS = 300_000;

/** A provider's batch API: half the price, within a day. Rejects with ModelFailure for whatever the provider or the network did. */
export interface BatchApi {
  /** Gives the provider's id. It is not tried again: a second try would be a second batch. */
  submit(items: readonly BatchItem[], handing: BatchHanding): Promise<string>;
  /** Those that may be a batch whose receipt was lost. */
  find(lost: LostBatch, signal: AbortSignal): Promise<readonly FoundBatch[]>;
  /** One by one as they are read, in whatever order the provider has them; undefined while it runs. */
  results(id: string, signal: AbortSignal): Promise<AsyncIterable<BatchLine> | undefined>;
  /** What is finished stays, and is charged. */
  cancel(id: string, signal: AbortSignal): Promise<void>;
}

export interface BatchRequest {
  readonly method: "GET" | "POST";
  /** Below the base URL. */
  readonly path: string;
  readonly body?: string;
  readonly contentType?: string;
  readonly signal: AbortSignal;
}

/** Sends requests of a batch API. Rejects with ModelFailure. */
export interface BatchSender {
  /** Gives the text of what comes back. */
  text(request: BatchRequest): Promise<string>;
  /** Gives the lines of what comes back, parsed, as they are read: a file of results may be larger than memory. Undefined for one that is no JSON. */
  lines(request: BatchRequest): AsyncIterable<unknown>;
}

/** The results of 100 000 questions, answered at length. What is read line by line is not held. */
export const MOST_RESULT_BYTES = 8 * 1_024 ** 3;
/** Of a reply that is held, and of one line. */
const MOST_HELD_BYTES = 32 * 1_024 ** 2;

export type BatchProvider = Extract<ProviderConfig, { kind: "anthropic" | "openai" }>;

export function createBatchSender(
  { kind, apiKey, baseUrl }: BatchProvider,
  { transport, now }: { readonly transport: Transport; readonly now: () => number },
): BatchSender {
  const auth: Record<string, string> =
    kind === "anthropic"
      ? { "x-api-key": apiKey, "anthropic-version": ANTHROPIC_VERSION }
      : { authorization: `Bearer ${apiKey}` };

  /** The lines of what comes back; all of it as one where `isWhole`. */
  async function* read(request: BatchRequest, isWhole: boolean): AsyncGenerator<string> {
    const { method, path, body, contentType = "application/json", signal } = request;
    const headers = { ...auth, ...(body === undefined ? {} : { "content-type": contentType }) };
    try {
      const reply = await transport.fetch(`${baseUrl}${path}`, {
        method,
        headers,
        signal,
        ...(body === undefined ? {} : { body }),
      });
      if (reply.ok) return yield* split(piecesOf(reply), isWhole);
      const text = await joined(split(piecesOf(reply), true));
      throw classifyReply({ status: reply.status, headers: Object.fromEntries(reply.headers), body: text }, now());
    } catch (error) {
      throw classifyNetworkError(error, false) ?? error;
    }
  }

  return {
    text: (request) => joined(read(request, true)),
    async *lines(request) {
      for await (const line of read(request, false)) if (line.trim() !== "") yield parseJson(line);
    },
  };
}

async function joined(texts: AsyncIterable<string>): Promise<string> {
  let whole = "";
  for await (const text of texts) whole += text;
  return whole;
}

async function* piecesOf({ body }: Response): AsyncGenerator<Uint8Array> {
  const reader = body?.getReader();
  try {
    for (let piece = await reader?.read(); piece?.done === false; piece = await reader?.read()) yield piece.value;
  } finally {
    // Frees the socket of who stops reading.
    await reader?.cancel();
  }
}

const LINE_END = 10;

async function* split(pieces: AsyncIterable<Uint8Array>, isWhole: boolean): AsyncGenerator<string> {
  let held: Uint8Array[] = [];
  let bytes = 0;
  const hold = (piece: Uint8Array): void => {
    held.push(piece);
    bytes += piece.length;
    if (bytes > MOST_HELD_BYTES) throw new ModelFailure("too-large", { detail: "more than 32 MiB in one piece" });
  };
  const give = (): string => {
    const text = Buffer.concat(held).toString("utf8");
    held = [];
    bytes = 0;
    return text;
  };
  for await (const piece of pieces) {
    const endAfter = (place: number): number => (isWhole ? -1 : piece.indexOf(LINE_END, place));
    let from = 0;
    for (let end = endAfter(0); end !== -1; end = endAfter(from)) {
      hold(piece.subarray(from, end));
      from = end + 1;
      yield give();
    }
    hold(piece.subarray(from));
  }
  yield give();
}
