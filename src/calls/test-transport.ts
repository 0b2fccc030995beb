import type { Dispatcher } from "undici";
import type { Clock } from "../core/clock.ts";
import { Exchange } from "../model/exchange.ts";
import { DEFAULT_TIMEOUTS } from "../model/timeouts.ts";
import type { HttpRequest, Transport } from "../model/transport.ts";

/** What the other side does with one request. */
export interface ScriptedReply {
  /** Undefined: the connection is reset before any header. */
  readonly status: number | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Whether the connection is lost before the end of the body. Default false. */
  readonly isCut?: boolean;
  /** Until the headers come, and then until the end, in milliseconds. */
  readonly waitMs: number;
  readonly writeMs: number;
}

export interface ScriptedTransportOptions {
  readonly clock: Clock;
  /** Says what becomes of a request; `delivered` is called once the whole body is out. */
  readonly reply: (request: HttpRequest) => ScriptedReply;
  readonly began: (request: HttpRequest) => void;
  readonly delivered: (request: HttpRequest, reply: ScriptedReply) => void;
  readonly ended: (request: HttpRequest) => void;
}

/** A transport without sockets, for tests: real exchanges, with their timeouts and aborts, and another side that follows a script. */
export function createScriptedTransport(options: ScriptedTransportOptions): Transport {
  const { clock } = options;
  return {
    send(request) {
      request.signal?.throwIfAborted();
      options.began(request);
      const exchange = new Exchange({
        clock,
        timeouts: { ...DEFAULT_TIMEOUTS, ...request.timeouts },
        signal: request.signal,
        waitsForContent: request.waitsForContent ?? false,
        onEnd: () => options.ended(request),
      });
      play(exchange, options.reply(request), { clock, delivered: (reply) => options.delivered(request, reply) });
      return exchange;
    },
    fetch: () => Promise.reject(new TypeError("nothing is fetched here")),
    preload: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

interface Playing {
  readonly clock: Clock;
  readonly delivered: (reply: ScriptedReply) => void;
}

/** Plays the HTTP client's part: headers, half of the body, the rest, each after its time, unless it is aborted before. */
function play(exchange: Exchange, reply: ScriptedReply, { clock, delivered }: Playing): void {
  const { status, headers = {}, body = "", isCut = false, waitMs, writeMs } = reply;
  let isOver = false;
  function fail(error: Error): void {
    if (isOver) return;
    isOver = true;
    timer.cancel();
    exchange.onResponseError(controller, error);
  }
  const controller: Dispatcher.DispatchController = {
    get aborted() {
      return isOver;
    },
    paused: false,
    reason: null,
    rawHeaders: null,
    rawTrailers: null,
    abort: fail,
    pause: () => undefined,
    resume: () => undefined,
  };
  const lost = (): Error => Object.assign(new Error("the other side closed"), { code: "ECONNRESET" });
  let timer = clock.after(waitMs, () => {
    if (status === undefined) {
      fail(lost());
      return;
    }
    exchange.onResponseStart(controller, status, { "content-type": "application/json", ...headers });
    const half = Math.ceil(body.length / 2);
    if (!isOver && half > 0) exchange.onResponseData(controller, Buffer.from(body.slice(0, half)));
    if (isOver) return;
    timer = clock.after(writeMs, () => {
      if (isCut) {
        fail(lost());
        return;
      }
      exchange.onResponseData(controller, Buffer.from(body.slice(half)));
      if (isOver) return;
      isOver = true;
      delivered(reply);
      exchange.onResponseEnd();
    });
  });
  exchange.onRequestStart(controller);
}
