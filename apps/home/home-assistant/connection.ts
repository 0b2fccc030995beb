import { type Clock, MillraceError } from "millrace";

/** How a Home Assistant is reached. */
export interface Connection {
  /** Scheme, host and port, and the path below which it stands, without a slash at the end. */
  readonly url: string;
  readonly token: string;
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
}

/** An answer of its HTTP interface. */
export interface Reply {
  readonly status: number;
  /** Parsed JSON; text where it is none. */
  readonly body: unknown;
}

export interface AskOptions {
  readonly method?: "GET" | "POST" | "DELETE";
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
  /** Default 30 000. */
  readonly timeoutMs?: number;
  /** Statuses that are an answer rather than an error. 2xx always are. */
  readonly expects?: readonly number[];
}

const TIMEOUT_MS = 30_000;
const TLS_CODES =
  /^(?:CERT_|ERR_TLS|ERR_SSL|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_(?:VERIFY|GET))|^EPROTO$/;

/**
 * Asks the HTTP interface. Throws HOME_ASSISTANT_REFUSED for a token that is not taken, HOME_ASSISTANT_UNREACHABLE when there is no answer
 * in time or the connection is not safe, HOME_ASSISTANT_FAILED for any other error; none of them holds the token. Redirects are not
 * followed: they would carry the token elsewhere.
 */
export async function ask(connection: Connection, path: string, options: AskOptions = {}): Promise<Reply> {
  const { url, token, fetch, clock } = connection;
  const { method = "GET", body, signal, timeoutMs = TIMEOUT_MS, expects = [] } = options;
  const late = new AbortController();
  const timer = clock.after(timeoutMs, () => late.abort(new Error(`no answer in ${timeoutMs / 1_000} s`)));
  let status: number;
  let text: string;
  try {
    const response = await fetch(`${url}${path}`, {
      method,
      redirect: "manual",
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      signal: signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    status = response.status;
    text = await response.text();
  } catch (error) {
    signal?.throwIfAborted();
    throw toUnreachable(url, late.signal.aborted ? late.signal.reason : error);
  } finally {
    timer.cancel();
  }
  const reply = { status, body: parsed(text) };
  if ((status >= 200 && status < 300) || expects.includes(status)) return reply;
  throw toFailure(url, `${method} ${path.split("?", 1)[0]}`, reply);
}

/** What stands between us and the home, as an error that says what to do. */
export function toUnreachable(url: string, error: unknown): MillraceError {
  const { code, message } = rootOf(error);
  if (code !== undefined && TLS_CODES.test(code)) {
    return new MillraceError("HOME_ASSISTANT_UNREACHABLE", `The certificate of ${url} is not trusted (${code}).`, {
      facts: { url, reason: code },
      advice:
        "Give the certificate's authority with NODE_EXTRA_CA_CERTS, use the name the certificate was made for, or use http:// inside of your own network.",
      cause: error,
    });
  }
  const reason = code ?? message;
  return new MillraceError("HOME_ASSISTANT_UNREACHABLE", `There is no Home Assistant at ${url} (${reason}).`, {
    facts: { url, reason },
    cause: error,
  });
}

/** The token is not taken. */
export function toRefused(url: string, status: number | string): MillraceError {
  return new MillraceError("HOME_ASSISTANT_REFUSED", `Home Assistant at ${url} refuses the token (${status}).`, {
    facts: { url, status },
    isRetryable: false,
  });
}

function toFailure(url: string, asked: string, { status, body }: Reply): MillraceError {
  if (status === 401 || status === 403) return toRefused(url, status);
  if (status === 502 || status === 503 || status === 504) {
    return new MillraceError("HOME_ASSISTANT_UNREACHABLE", `Home Assistant at ${url} is not ready (${status}).`, {
      facts: { url, status },
    });
  }
  const said = messageOf(body);
  return new MillraceError("HOME_ASSISTANT_FAILED", `Home Assistant answered ${asked} with ${status}: ${said}`, {
    facts: { url, asked, status },
    isRetryable: status >= 500,
  });
}

/** What it says is wrong, cut so that it can be shown. */
export function messageOf(body: unknown): string {
  const text = typeof body === "object" && body !== null && "message" in body ? body.message : body;
  const words = typeof text === "string" ? text.replaceAll(/\p{Cc}/gu, " ").trim() : JSON.stringify(text);
  return words.length <= 500 ? words : `${words.slice(0, 497)}...`;
}

function rootOf(error: unknown): { readonly code: string | undefined; readonly message: string } {
  let root = error;
  for (let depth = 0; depth < 5 && root instanceof Error && root.cause instanceof Error; depth += 1) root = root.cause;
  const inner = root instanceof AggregateError ? root.errors[0] : root;
  const code = inner instanceof Error && "code" in inner && typeof inner.code === "string" ? inner.code : undefined;
  return { code, message: inner instanceof Error ? inner.message : "no connection" };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
