import { classifyNetworkError, classifyReply } from "../../model/classify.ts";
import type { ProviderConfig } from "../../model/config.ts";
import type { Transport } from "../../model/transport.ts";
import { ANTHROPIC_VERSION } from "../../model/wire/anthropic/codec.ts";

/** One question of a batch: the JSON of its request. */
export interface BatchItem {
  /** 1 to 64 letters, digits, dashes and underscores; unique in the batch. */
  readonly customId: string;
  readonly body: string;
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
  /** By custom id, in whatever order they came; undefined while it runs. */
  results(id: string, signal: AbortSignal): Promise<ReadonlyMap<string, BatchResult> | undefined>;
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

/** Sends a request of a batch API and gives the text of what comes back. */
export type SendBatchRequest = (request: BatchRequest) => Promise<string>;

export type BatchProvider = Extract<ProviderConfig, { kind: "anthropic" | "openai" }>;

export function createBatchSender(
  { kind, apiKey, baseUrl }: BatchProvider,
  { transport, now }: { readonly transport: Transport; readonly now: () => number },
): SendBatchRequest {
  const auth: Record<string, string> =
    kind === "anthropic"
      ? { "x-api-key": apiKey, "anthropic-version": ANTHROPIC_VERSION }
      : { authorization: `Bearer ${apiKey}` };
  return async ({ method, path, body, contentType = "application/json", signal }) => {
    const headers = { ...auth, ...(body === undefined ? {} : { "content-type": contentType }) };
    try {
      const reply = await transport.fetch(`${baseUrl}${path}`, {
        method,
        headers,
        signal,
        ...(body === undefined ? {} : { body }),
      });
      const text = await readAll(reply);
      if (reply.ok) return text;
      throw classifyReply({ status: reply.status, headers: Object.fromEntries(reply.headers), body: text }, now());
    } catch (error) {
      throw classifyNetworkError(error, false) ?? error;
    }
  };
}

async function readAll(reply: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  const reader = reply.body?.getReader();
  for (let piece = await reader?.read(); piece?.done === false; piece = await reader?.read()) chunks.push(piece.value);
  return Buffer.concat(chunks).toString("utf8");
}

/** The lines of a JSONL text, each parsed. */
export function* jsonLines(text: string): Iterable<unknown> {
  for (const line of text.split("\n")) if (line.trim() !== "") yield JSON.parse(line) as unknown;
}
