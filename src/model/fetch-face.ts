import type { Exchange, ReplyHead } from "./exchange.ts";
import type { HttpRequest } from "./transport.ts";

/** The part of a fetch Response that AI SDK providers use. */
interface Reply {
  readonly ok: boolean;
  readonly status: number;
  readonly statusText: string;
  readonly headers: ReplyHeaders;
  readonly body: { getReader(): ReplyReader; cancel(): Promise<void> };
}

interface ReplyHeaders extends Iterable<readonly [string, string]> {
  get(name: string): string | null;
}

type Piece = { readonly done: false; readonly value: Uint8Array } | { readonly done: true; readonly value: undefined };

interface ReplyReader {
  read(): Promise<Piece>;
  cancel(): Promise<void>;
  releaseLock(): void;
}

/** Makes a `fetch` of a function that sends. Its replies have the members that AI SDK providers use, and no others. */
export function asFetch(send: (request: HttpRequest) => Promise<Exchange>): typeof globalThis.fetch {
  return async (input, init = {}) => {
    const request = toRequest(input, init);
    const exchange = await send(request);
    return toReply(exchange, await exchange.head) as unknown as Response;
  };
}

function toReply(exchange: Exchange, { status, statusText, headers }: ReplyHead): Reply {
  const cancel = async (): Promise<void> => exchange.cancel();
  const reader: ReplyReader = {
    async read() {
      const value = await exchange.read();
      return value === undefined ? { done: true, value } : { done: false, value };
    },
    cancel,
    releaseLock: () => undefined,
  };
  return {
    ok: status < 300,
    status,
    statusText,
    headers: toReplyHeaders(headers),
    body: { getReader: () => reader, cancel },
  };
}

function toReplyHeaders(headers: ReplyHead["headers"]): ReplyHeaders {
  return {
    get(name) {
      const value = headers[name.toLowerCase()];
      return value === undefined ? null : String(value);
    },
    *[Symbol.iterator]() {
      for (const [name, value] of Object.entries(headers)) {
        if (value !== undefined) yield [name, String(value)] as const;
      }
    },
  };
}

function toRequest(input: string | URL | globalThis.Request, init: RequestInit): HttpRequest {
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
    signal: init.signal ?? undefined,
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
