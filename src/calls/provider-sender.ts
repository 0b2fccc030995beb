import { classifyNetworkError, classifyReply } from "../model/classify.ts";
import type { ProviderConfig } from "../model/config.ts";
import { ModelFailure } from "../model/failure.ts";
import type { Transport } from "../model/transport.ts";
import { ANTHROPIC_VERSION } from "../model/wire/anthropic/version.ts";
import { parseJson } from "../model/wire/fields.ts";

export interface ProviderRequest {
  readonly method: "GET" | "POST";
  /** Below the base URL. */
  readonly path: string;
  readonly body?: string;
  readonly contentType?: string;
  readonly signal: AbortSignal;
}

/** Sends requests to a provider beside the models' own way: no stage bounds them. Rejects with ModelFailure. */
export interface ProviderSender {
  /** Gives the text of what comes back. */
  text(request: ProviderRequest): Promise<string>;
  /** Gives the lines of what comes back, parsed, as they are read: a file of results may be larger than memory. Undefined for one that is no JSON. */
  lines(request: ProviderRequest): AsyncIterable<unknown>;
}

/** Of a reply that is held, and of one line. */
const MOST_HELD_BYTES = 32 * 1_024 ** 2;

export type AskedProvider = Extract<ProviderConfig, { kind: "anthropic" | "openai" }>;

export function createProviderSender(
  { kind, apiKey, baseUrl }: AskedProvider,
  { transport, now }: { readonly transport: Transport; readonly now: () => number },
): ProviderSender {
  const auth: Record<string, string> =
    kind === "anthropic"
      ? { "x-api-key": apiKey, "anthropic-version": ANTHROPIC_VERSION }
      : { authorization: `Bearer ${apiKey}` };

  /** The lines of what comes back; all of it as one where `isWhole`. */
  async function* read(request: ProviderRequest, isWhole: boolean): AsyncGenerator<string> {
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
