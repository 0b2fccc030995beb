import type { Clock } from "../core/clock.ts";
import { classifyError, classifyNetworkError, classifyReply, requestIdOf } from "./classify.ts";
import type { Exchange, ReplyHead } from "./exchange.ts";
import { ModelFailure } from "./failure.ts";
import type { ModelCall } from "./model.ts";
import { type HeaderFields, type RateLimits, readRateLimits } from "./rate-limits.ts";
import type { Transport } from "./transport.ts";
import { parseJson } from "./wire/fields.ts";

/** Where a provider is, and how it is told who asks. */
export interface Endpoint {
  readonly transport: Transport;
  readonly clock: Clock;
  /** What the provider is called in the configuration. */
  readonly provider: string;
  /** Ends in `/v1` or what the server has in its place, without a slash behind it. */
  readonly baseUrl: string;
  /** Of every request: key and version. Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface Question {
  /** JSON. */
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly waitsForContent?: boolean;
}

type Asking = Pick<ModelCall, "headers" | "abortSignal" | "timeouts">;

/** Sends questions to one address of a provider and tells failures apart. Rejects with ModelFailure or the signal's reason. */
export interface Caller {
  /** Sends, and gives the reply as soon as its headers say that it is one. */
  open(question: Question, call: Asking): Promise<{ readonly exchange: Exchange; readonly head: ReplyHead }>;
  /** Reads the body and parses it from JSON, once. Undefined when it is none. */
  read(exchange: Exchange, signal: AbortSignal | undefined): Promise<unknown>;
  /** Both of them. */
  ask(question: Question, call: Asking): Promise<{ readonly head: ReplyHead; readonly reply: unknown }>;
  /** The failure of a reply that is JSON, or not even that, but no answer. */
  noAnswer(reply: unknown, head: ReplyHead, detail?: string): ModelFailure;
  readonly limits: () => RateLimits | undefined;
}

/** Longest body of an error that is read. */
const LONGEST_ERROR_BYTES = 1024 * 1024;

/** Creates a caller of `baseUrl` and `path`. */
export function createCaller({ transport, clock, baseUrl, headers }: Endpoint, path: string): Caller {
  const url = new URL(baseUrl + path);
  const fixed = {
    ...headers,
    "content-type": "application/json",
    // What is small is not worth unpacking, and a stream would come in lumps.
    "accept-encoding": "identity",
  };
  let told: { readonly headers: HeaderFields; readonly at: number } | undefined;

  function toHeaders(own: Question["headers"], { headers = {} }: Asking): Record<string, string> {
    const all: Record<string, string> = { ...fixed, ...own };
    for (const name in headers) {
      const value = headers[name];
      if (value !== undefined) all[name.toLowerCase()] = value;
    }
    return all;
  }

  async function open(question: Question, call: Asking) {
    const { abortSignal: signal, timeouts } = call;
    const loading = transport.preload();
    if (loading !== undefined) await loading;
    const exchange = transport.send({
      origin: url.origin,
      path: url.pathname + url.search,
      method: "POST",
      headers: toHeaders(question.headers, call),
      body: question.body,
      signal,
      timeouts,
      waitsForContent: question.waitsForContent ?? false,
    });
    const head = await exchange.head.catch((error: unknown) => {
      throw toFailure(error, signal, false);
    });
    if (tellsLimits(head.headers)) told = { headers: head.headers, at: clock.now() };
    if (head.status < 300) return { exchange, head };
    const body = await exchange.text(LONGEST_ERROR_BYTES).catch((error: unknown) => {
      if (signal?.aborted === true) throw error;
      // The status is told all the same.
      return "";
    });
    throw classifyReply({ status: head.status, headers: head.headers, body }, clock.now());
  }

  async function read(exchange: Exchange, signal: AbortSignal | undefined): Promise<unknown> {
    const text = await exchange.text().catch((error: unknown) => {
      throw toFailure(error, signal, true);
    });
    return parseJson(text);
  }

  return {
    open,
    read,
    async ask(question, call) {
      const { exchange, head } = await open(question, call);
      return { head, reply: await read(exchange, call.abortSignal) };
    },
    noAnswer(reply, { status, headers }, detail = "the answer is no JSON") {
      if (reply !== undefined) return classifyError(reply, { status, headers }, clock.now());
      return new ModelFailure("unusable", { detail, status, requestId: requestIdOf(headers) });
    },
    limits: () => (told === undefined ? undefined : readRateLimits(told.headers, told.at)),
  };
}

function toFailure(error: unknown, signal: AbortSignal | undefined, hasStatus: boolean): unknown {
  if (signal?.aborted === true) return error;
  const detail = error instanceof Error ? error.message : String(error);
  return classifyNetworkError(error, hasStatus) ?? new ModelFailure("unreachable", { detail });
}

/** One of these is on every reply that tells anything. */
const TELLING = [
  "x-ratelimit-limit-requests",
  "x-ratelimit-limit-tokens",
  "anthropic-ratelimit-requests-limit",
  "anthropic-ratelimit-tokens-limit",
  "retry-after",
  "retry-after-ms",
] as const;

function tellsLimits(headers: HeaderFields): boolean {
  return TELLING.some((name) => headers[name] !== undefined);
}
