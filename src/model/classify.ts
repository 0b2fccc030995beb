import { type FailureKind, ModelFailure } from "./failure.ts";
import { type HeaderFields, retryAfterMs } from "./rate-limits.ts";
import { isFields, parseJson, textOf } from "./wire/fields.ts";

/** A reply that is no answer. */
export interface FailedReply {
  readonly status: number;
  readonly headers: HeaderFields;
  /** The body as it came: JSON of some shape, a page, or nothing. */
  readonly body: string;
  /** Said where the body says nothing. Default: nothing. */
  readonly detail?: string;
}

/** Says what a reply means that is no answer. `now` (milliseconds since the epoch) turns a retry-after date into a wait. */
export function classifyReply({ status, headers, body, detail = "" }: FailedReply, now: number): ModelFailure {
  const said = readErrorBody(parseJson(body));
  return classify({ ...said, message: said.message || detail }, { status, headers }, now);
}

/** Says what an error means that came as JSON inside of a reply: an event of a stream, or a body under status 200. */
export function classifyError(
  body: unknown,
  { status, headers }: Pick<FailedReply, "status" | "headers">,
  now: number,
): ModelFailure {
  return classify(readErrorBody(body), { status, headers }, now);
}

function classify(said: Said, { status, headers }: Pick<FailedReply, "status" | "headers">, now: number): ModelFailure {
  const kind = kindBySaid(said, status) ?? kindByStatus(status, said);
  return new ModelFailure(kind, {
    detail: said.message,
    status,
    isRetryable: BY_STATUS.has(kind) ? shouldRetry(headers["x-should-retry"]) : undefined,
    notBeforeMs: Math.max(leastWaitMs(kind, said, now), retryAfterMs(headers, now) ?? 0),
    requestId: requestIdOf(headers),
  });
}

/** The provider's name of a request: `request-id` at Anthropic, `x-request-id` elsewhere. */
export function requestIdOf(headers: HeaderFields): string | undefined {
  const id = headers["request-id"] ?? headers["x-request-id"];
  return typeof id === "string" ? id : undefined;
}

/** Connections that broke or were never made. */
const RESET_CODES = new Set([
  "ECONNRESET",
  "ECONNREFUSED",
  "EPIPE",
  "ETIMEDOUT",
  "EAI_AGAIN",
  "UND_ERR_SOCKET",
  "UND_ERR_CONNECT_TIMEOUT",
]);
const SILENT_CODES = new Set(["UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT"]);
const HOPELESS_CODES = new Set(["ENOTFOUND", "EHOSTUNREACH", "ENETUNREACH"]);
/** Certificates that are not trusted, and servers that speak no TLS. */
const TLS_CODE = /^(?:ERR_TLS|ERR_SSL|CERT_)|CERT|^UNABLE_TO_/;
/** HTTP/2 streams and sessions that were closed under the request. */
const HTTP2_CODE = /^ERR_HTTP2|^UND_ERR_INFO$/;
/** The parser's own codes: what came is not HTTP, or a body ended before its declared length. */
const PARSER_CODE = /^HPE_|^UND_ERR_RES/;

/** Says what an error of the network means, by its code or that of one of its causes; undefined for any other error. */
export function classifyNetworkError(error: unknown, hasStatus: boolean): ModelFailure | undefined {
  for (let current = error; current instanceof Error; current = current.cause) {
    const code = "code" in current && typeof current.code === "string" ? current.code : "";
    const detail = `${current.message || "no connection"} (${code})`;
    if (SILENT_CODES.has(code)) return new ModelFailure("silent", { detail });
    if (code === "UND_ERR_RES_EXCEEDED_MAX_SIZE") return new ModelFailure("too-large", { detail });
    if (RESET_CODES.has(code) || HTTP2_CODE.test(code)) {
      return new ModelFailure(hasStatus ? "interrupted" : "reset", { detail });
    }
    if (PARSER_CODE.test(code)) return new ModelFailure("interrupted", { detail });
    if (HOPELESS_CODES.has(code) || TLS_CODE.test(code)) return new ModelFailure("unreachable", { detail });
  }
  return undefined;
}

interface Said {
  /** Whether the body calls itself an error, as some gateways do under status 200. */
  readonly isError: boolean;
  /** Whether there is a message in JSON, as a model API gives one. */
  readonly hasMessage: boolean;
  readonly type: string;
  /** `code`, or where Anthropic tells more than the type, `details.error_code`. */
  readonly code: string;
  readonly message: string;
}

/**
 * Reads an error body: Anthropic and OpenAI send an object `error` with a type and a message, Ollama a text, and other servers put
 * the message beside it or as `detail`.
 */
function readErrorBody(whole: unknown): Said {
  const error = field(whole, "error") ?? (field(whole, "object") === "error" ? whole : undefined);
  const inner = typeof error === "string" ? error : textField(error, "message");
  const message = inner || textField(whole, "message") || textField(whole, "detail");
  return {
    isError: error !== undefined && error !== null,
    hasMessage: message !== "",
    type: textField(error, "type"),
    code: textField(error, "code") || textField(field(error, "details"), "error_code"),
    message,
  };
}

function field(value: unknown, name: string): unknown {
  return isFields(value) ? value[name] : undefined;
}

function textField(value: unknown, name: string): string {
  return textOf(field(value, name)) ?? "";
}

const MONEY = /^(?:billing_error|insufficient_quota|credit_balance_exhausted|\w*(?:spend|usage)_limit\w*)$/;
const OVERLOAD = /^(?:overloaded_error|service_unavailable_error|server_is_overloaded)$/;
const RAMP = /^(?:slow_down|ramp_limit_exceeded)$/;
const KEY_STORE = /^cmek_\w+$/;

/** What the body decides. Messages are looked at only where no provider says it in any other way. */
function kindBySaid({ type, code, message }: Said, status: number): FailureKind | undefined {
  if (MONEY.test(type) || MONEY.test(code)) return "out-of-money";
  if (status === 400 && /usage limits?|credit balance/i.test(message)) return "out-of-money";
  if (code === "content_policy_violation" || code === "content_filter") return "refused";
  if (code === "context_length_exceeded") return "prompt-too-long";
  if (status === 400 && /prompt is too long/i.test(message)) return "prompt-too-long";
  if (code === "model_not_found") return "model-missing";
  if (RAMP.test(code)) return "ramp-limited";
  if (KEY_STORE.test(code) || KEY_STORE.test(type)) return "key-store-unreachable";
  if (OVERLOAD.test(type) || OVERLOAD.test(code)) return "overloaded";
  // The status of an error inside of a stream is 200, so there the type is all there is.
  return status < 300 ? (KIND_BY_TYPE[code] ?? KIND_BY_TYPE[type]) : undefined;
}

const KIND_BY_TYPE: Readonly<Record<string, FailureKind>> = {
  invalid_request_error: "bad-request",
  authentication_error: "key-refused",
  invalid_api_key: "key-refused",
  permission_error: "key-refused",
  not_found_error: "model-missing",
  request_too_large: "too-large",
  conflict_error: "conflict",
  rate_limit_error: "rate-limited",
  rate_limit_exceeded: "rate-limited",
  tokens: "rate-limited",
  requests: "rate-limited",
  api_error: "server-error",
  server_error: "server-error",
  timeout_error: "server-error",
};

const KIND_BY_STATUS: Readonly<Record<number, FailureKind>> = {
  401: "key-refused",
  402: "out-of-money",
  403: "key-refused",
  404: "model-missing",
  408: "request-timeout",
  409: "conflict",
  413: "too-large",
  429: "rate-limited",
  503: "overloaded",
  529: "overloaded",
};

function kindByStatus(status: number, { isError, hasMessage }: Said): FailureKind {
  if (status < 300) return isError ? "server-error" : "unusable";
  // A model API says in JSON what it does not know; a page or a redirect comes from something else at that address.
  if (status < 400 || (status === 404 && !hasMessage) || status === 405) return "address-wrong";
  return KIND_BY_STATUS[status] ?? (status >= 500 ? "server-error" : "bad-request");
}

/** Kinds for which the provider's own word on retrying counts; what money or a key decides stays decided. */
const BY_STATUS: ReadonlySet<FailureKind> = new Set([
  "bad-request",
  "request-timeout",
  "conflict",
  "rate-limited",
  "ramp-limited",
  "overloaded",
  "server-error",
  "key-store-unreachable",
]);

function shouldRetry(header: string | readonly string[] | undefined): boolean | undefined {
  if (header === "true") return true;
  return header === "false" ? false : undefined;
}

/** A key store that is away comes back in minutes. */
const KEY_STORE_WAIT_MS = 60_000;

function leastWaitMs(kind: FailureKind, { code }: Said, now: number): number {
  if (kind === "key-store-unreachable") return KEY_STORE_WAIT_MS;
  // Anthropic lifts the cap of a usage tier on the first of the month, 00:00 UTC.
  if (code === "enforced_spend_limit_reached") return nextMonth(now) - now;
  return 0;
}

function nextMonth(now: number): number {
  const date = new Date(now);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}
