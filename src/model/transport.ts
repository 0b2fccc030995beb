import type { Dispatcher } from "undici";
import { openReply, type Reply } from "./reply.ts";

/** Carries requests to providers over pooled connections. */
export interface Transport {
  /**
   * What AI SDK providers take as their `fetch`: far cheaper than the global one. It gives only the members which they use, so hand
   * it to nothing else. Rejects with the signal's reason when aborted, which also frees the socket.
   */
  readonly fetch: typeof globalThis.fetch;
  /** Loads the HTTP client; connects to nothing. */
  preload(): Promise<void>;
  /** Drops all connections; requests in flight are rejected. */
  close(): Promise<void>;
}

export interface TransportOptions {
  /** Sockets per origin at once; more requests wait. Default 200. */
  readonly connections?: number;
  /** How long an idle socket is kept, in milliseconds. Default 60 000. */
  readonly keepAliveMs?: number;
  /** How long a request without a signal may wait for headers, and between two pieces of a body, in milliseconds. Default 300 000. */
  readonly silenceMs?: number;
  /** Longest body of a reply. Default 32 MiB. */
  readonly maxReplyBytes?: number;
}

/** Creates a transport. undici is loaded by `preload` or the first request. */
export function createTransport({
  connections = 200,
  keepAliveMs = 60_000,
  silenceMs = 300_000,
  maxReplyBytes = 32 * 1024 * 1024,
}: TransportOptions = {}): Transport {
  let agent: Promise<Dispatcher> | undefined;

  async function openAgent(): Promise<Dispatcher> {
    const { Agent } = await import("undici");
    return new Agent({ connections, keepAliveTimeout: keepAliveMs, maxResponseSize: maxReplyBytes });
  }

  function opened(): Promise<Dispatcher> {
    agent ??= openAgent();
    return agent;
  }

  return {
    async preload() {
      await opened();
    },
    async fetch(input, init = {}) {
      const request = toRequest(input, init);
      init.signal?.throwIfAborted();
      // A call's deadline comes as its signal and is exact; undici's own timers stand in only where there is none.
      const timeout = init.signal === undefined || init.signal === null ? silenceMs : 0;
      const reply = await openReply(
        await opened(),
        { ...request, headersTimeout: timeout, bodyTimeout: timeout },
        init.signal ?? undefined,
      );
      return asResponse(reply);
    },
    async close() {
      const open = agent;
      agent = undefined;
      await (await open)?.destroy();
    },
  };
}

type Request = Pick<Dispatcher.DispatchOptions, "origin" | "path" | "method" | "headers" | "body">;

function toRequest(input: string | URL | globalThis.Request, init: RequestInit): Request {
  if (typeof input !== "string" && !(input instanceof URL)) {
    throw new TypeError("The transport takes an address as text or URL, not a Request object.");
  }
  const { body } = init;
  if (body !== undefined && body !== null && typeof body !== "string") {
    throw new TypeError("The transport takes a text as body; send forms, streams and bytes with the global fetch.");
  }
  const url = new URL(input);
  return {
    origin: url.origin,
    path: url.pathname + url.search,
    method: init.method ?? "GET",
    headers: toHeaders(init.headers),
    body: body ?? null,
  };
}

function toHeaders(headers: RequestInit["headers"]): Record<string, string> {
  const entries =
    headers === undefined || Array.isArray(headers) || headers instanceof Headers
      ? [...(headers ?? [])]
      : Object.entries(headers);
  const plain: Record<string, string> = { "accept-encoding": "identity" };
  for (const [name, value] of entries) {
    if (name !== undefined && typeof value === "string") plain[name.toLowerCase()] = value;
  }
  return plain;
}

/** The members that AI SDK providers read are all there; the others are not, which the documentation of `fetch` says. */
function asResponse(reply: Reply): Response {
  return reply as unknown as Response;
}
