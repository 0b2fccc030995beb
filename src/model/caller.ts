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

/** A reply, its body parsed from JSON; undefined when it is none. */
export interface Asked {
  readonly head: ReplyHead;
  readonly reply: unknown;
}

type Asking = Pick<ModelCall, "headers" | "abortSignal" | "timeouts">;

/** Sends questions to one address of a provider and tells failures apart. Rejects with ModelFailure or the signal's reason. */
export interface Caller {
  /** Sends, and gives the reply as soon as its headers say that it is one. */
  open(question: Question, call: Asking): Promise<{ readonly exchange: Exchange; readonly head: ReplyHead }>;
  /** Reads the body and parses it from JSON, once. Undefined when it is none. */
  read(exchange: Exchange, signal: AbortSignal | undefined): Promise<unknown>;
  /** Both of them. Throws the signal's reason when it has fired already. */
  ask(question: Question, call: Asking): Promise<Asked>;
  /** The failure of a reply that is JSON, or not even that, but no answer. */
  noAnswer(reply: unknown, head: ReplyHead, detail?: string): ModelFailure;
  readonly limits: () => RateLimits | undefined;
}

/** Longest body of an error that is read. */
const LONGEST_ERROR_BYTES = 1024 * 1024;

/** Creates a caller of `baseUrl` and `path`. */
export function createCaller({ transport, clock, baseUrl, headers }: Endpoint, path: string): Caller {
  const url = new URL(baseUrl + path);
  const { origin } = url;
  const pathAndSearch = url.pathname + url.search;
  const fixed = {
    ...headers,
    "content-type": "application/json",
    // What is small is not worth unpacking, and a stream would come in lumps.
    "accept-encoding": "identity",
  };
  let told: { readonly headers: HeaderFields; readonly at: number } | undefined;
  let limits: RateLimits | undefined;

  function toHeaders(own: Question["headers"], { headers = {} }: Asking): Readonly<Record<string, string>> {
    if (isEmpty(own) && isEmpty(headers)) return fixed;
    const all: Record<string, string> = { ...fixed, ...own };
    for (const name in headers) {
      const value = headers[name];
      if (value !== undefined) all[name.toLowerCase()] = value;
    }
    return all;
  }

  function send(question: Question, call: Asking): Exchange {
    return transport.send({
      origin,
      path: pathAndSearch,
      method: "POST",
      headers: toHeaders(question.headers, call),
      body: question.body,
      signal: call.abortSignal,
      timeouts: call.timeouts,
      waitsForContent: question.waitsForContent ?? false,
    });
  }

  /** The whole reply, or its failure. */
  async function wholeOf(exchange: Exchange, signal: AbortSignal | undefined): Promise<Asked> {
    try {
      const { head, text } = await exchange.whole(LONGEST_ERROR_BYTES);
      if (head.status < 300) return { head, reply: parseJson(text) };
      throw classifyReply({ status: head.status, headers: head.headers, body: text }, clock.now());
    } catch (error) {
      if (error instanceof ModelFailure) throw error;
      throw toFailure(error, signal, exchange.knownHead() !== undefined);
    } finally {
      const head = exchange.knownHead();
      if (head !== undefined) heard(head);
    }
  }

  function heard({ headers }: ReplyHead): void {
    if (!tellsLimits(headers)) return;
    told = { headers, at: clock.now() };
    limits = undefined;
  }

  function ask(question: Question, call: Asking): Promise<Asked> {
    const loading = transport.preload();
    if (loading !== undefined) return loading.then(() => wholeOf(send(question, call), call.abortSignal));
    return wholeOf(send(question, call), call.abortSignal);
  }

  async function open(question: Question, call: Asking) {
    const loading = transport.preload();
    if (loading !== undefined) await loading;
    const exchange = send(question, call);
    const head = await exchange.head.catch((error: unknown) => {
      throw toFailure(error, call.abortSignal, false);
    });
    // Which throws: that is no answer.
    if (head.status >= 300) await wholeOf(exchange, call.abortSignal);
    heard(head);
    return { exchange, head };
  }

  return {
    open,
    ask,
    async read(exchange, signal) {
      return (await wholeOf(exchange, signal)).reply;
    },
    noAnswer(reply, { status, headers }, what = "the answer is no JSON") {
      const packed = headers["content-encoding"];
      const isPacked = typeof packed === "string" && packed !== "identity";
      const detail = isPacked ? `the answer is packed as ${packed}, which was not asked for` : what;
      if (reply !== undefined) return classifyError(reply, { status, headers }, clock.now());
      return new ModelFailure("unusable", { detail, status, requestId: requestIdOf(headers) });
    },
    limits() {
      limits ??= told && readRateLimits(told.headers, told.at);
      return limits;
    },
  };
}

function toFailure(error: unknown, signal: AbortSignal | undefined, hasStatus: boolean): unknown {
  if (signal?.aborted === true) return error;
  const detail = error instanceof Error ? error.message : String(error);
  return classifyNetworkError(error, hasStatus) ?? new ModelFailure("unreachable", { detail });
}

function isEmpty(headers: object | undefined): boolean {
  for (const _name in headers) return false;
  return true;
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
