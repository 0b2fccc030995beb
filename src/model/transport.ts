import type { Dispatcher } from "undici";
import { type Clock, systemClock } from "../core/clock.ts";
import { createDnsCache } from "./dns-cache.ts";
import { Exchange } from "./exchange.ts";
import { asFetch } from "./fetch-face.ts";
import { DEFAULT_TIMEOUTS, type Timeouts } from "./timeouts.ts";

/** A request as the transport takes it. */
export interface HttpRequest {
  /** `https://api.openai.com`: scheme, host and port. */
  readonly origin: string;
  readonly path: string;
  readonly method: "GET" | "POST" | (string & {});
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly signal?: AbortSignal | undefined;
  readonly timeouts?: Timeouts | undefined;
  /** Whether `firstByteMs` also covers the time from the headers to `Exchange.began`. Default false. */
  readonly waitsForContent?: boolean;
}

/** Carries requests to providers over pooled connections. */
export interface Transport {
  /**
   * Sends a request. `head` of what it gives rejects with an error that bears the HTTP client's code, or with the signal's reason,
   * which also frees the socket.
   */
  send(request: HttpRequest): Exchange;
  /**
   * What AI SDK providers take as their `fetch`: far cheaper than the global one. It gives only the members which they use, so hand
   * it to nothing else. Rejects with the signal's reason when aborted, which also frees the socket.
   */
  readonly fetch: typeof globalThis.fetch;
  /** Loads the HTTP client; connects to nothing. Needed before `send`. Undefined: it is loaded. */
  preload(): Promise<void> | undefined;
  /** Drops all connections; requests in flight are rejected. */
  close(): Promise<void>;
}

export interface TransportOptions {
  /** Default: the machine's. */
  readonly clock?: Clock;
  /** Sockets per origin that are kept alive while idle. Default 100. */
  readonly kept?: number;
  /** Sockets per origin at once; more requests wait. Those above `kept` are closed soon after they fall idle. Default 200. */
  readonly connections?: number;
  /** How long an idle socket is kept at most, in milliseconds; the server may ask for less. Default 60 000. */
  readonly keepAliveMs?: number;
  /** For requests that bring none of their own. */
  readonly timeouts?: Timeouts;
  /** Longest body of a reply. Default 32 MiB. */
  readonly maxReplyBytes?: number;
  /** Whether HTTP/2 is spoken to servers that offer it (ALPN). Default true. */
  readonly http2?: boolean;
  /** Certificates in PEM form to trust, instead of the system's. */
  readonly ca?: string;
}

/** How long a socket above `kept` may idle: long enough to serve a steady load, short enough to be gone after a burst. */
const SURPLUS_KEEP_ALIVE_MS = 1_000;

/** Two pools for each origin: the client has no bound of its own for idle sockets. */
interface Pools {
  readonly kept: Dispatcher;
  readonly surplus: Dispatcher | undefined;
}

/** Creates a transport. undici is loaded by `preload` or the first `fetch`. */
export function createTransport({
  clock = systemClock,
  kept = 100,
  connections = 200,
  keepAliveMs = 60_000,
  timeouts = {},
  maxReplyBytes = 32 * 1024 * 1024,
  http2 = true,
  ca,
}: TransportOptions = {}): Transport {
  const defaults = { ...DEFAULT_TIMEOUTS, ...timeouts };
  const busy = new Map<string, number>();
  let loading: Promise<Pools> | undefined;
  let pools: Pools | undefined;

  async function load(): Promise<Pools> {
    const { Agent } = await import("undici");
    const shared = {
      allowH2: http2,
      maxResponseSize: maxReplyBytes,
      connectTimeout: defaults.connectMs,
      // Ours are exact, follow the clock and tell the phases apart.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: { lookup: createDnsCache({ clock }), preferH2: true, ...(ca === undefined ? {} : { ca }) },
    };
    // A server may ask for a longer keep-alive, and is not granted one.
    const pool = (connections: number, ms: number): Dispatcher =>
      new Agent({ ...shared, connections, keepAliveTimeout: ms, keepAliveMaxTimeout: ms });
    const surplus = Math.max(0, connections - kept);
    return {
      kept: pool(Math.min(kept, connections), keepAliveMs),
      surplus: surplus === 0 ? undefined : pool(surplus, Math.min(keepAliveMs, SURPLUS_KEEP_ALIVE_MS)),
    };
  }

  function preload(): Promise<void> | undefined {
    if (pools !== undefined) return undefined;
    loading ??= load();
    return loading.then((loaded) => void (pools = loaded));
  }

  function send({
    origin,
    path,
    method,
    headers,
    body,
    signal,
    timeouts,
    waitsForContent = false,
  }: HttpRequest): Exchange {
    signal?.throwIfAborted();
    if (pools === undefined) throw new TypeError("The transport is closed, or was not preloaded.");
    const inFlight = busy.get(origin) ?? 0;
    busy.set(origin, inFlight + 1);
    const exchange = new Exchange({
      clock,
      timeouts: timeouts === undefined ? defaults : { ...defaults, ...timeouts },
      signal,
      waitsForContent,
      onEnd() {
        const left = (busy.get(origin) ?? 1) - 1;
        if (left > 0) busy.set(origin, left);
        else busy.delete(origin);
      },
    });
    const isSurplus = inFlight >= kept && inFlight < connections;
    const pool = (isSurplus ? pools.surplus : undefined) ?? pools.kept;
    pool.dispatch({ origin, path, method, headers, body }, exchange);
    return exchange;
  }

  return {
    send,
    fetch: asFetch(async (request) => {
      await preload();
      return send(request);
    }),
    preload,
    async close() {
      const open = await loading;
      loading = undefined;
      pools = undefined;
      await Promise.all([open?.kept.destroy(), open?.surplus?.destroy()]);
    },
  };
}
