import { APICallError, InvalidResponseDataError } from "@ai-sdk/provider";

/** Why a request gave no answer; decided by what the provider's error says first, and by the status only then. */
export type FailureKind =
  | "bad-request"
  | "prompt-too-long"
  | "refused"
  | "key-refused"
  | "model-missing"
  | "address-wrong"
  | "too-large"
  | "busy"
  | "rate-limited"
  | "out-of-money"
  | "overloaded"
  | "server-error"
  | "unreachable"
  | "reset"
  | "silent"
  | "interrupted"
  | "cut"
  | "unusable";

interface Nature {
  /** Goes after the model's name: "anthropic/x is rate limited". */
  readonly says: string;
  /** Whether the same request may succeed a little later. A silent route stays silent. */
  readonly isRetryable: boolean;
  /** Whether the provider may have written, and charged for, an answer that we never saw. */
  readonly mayBeBilled: boolean;
}

const FREE = { isRetryable: false, mayBeBilled: false } as const;

export const FAILURES: Readonly<Record<FailureKind, Nature>> = {
  "bad-request": { says: "refused the request as malformed", ...FREE },
  "prompt-too-long": { says: "cannot take a prompt this long", ...FREE },
  refused: { says: "refused to answer", ...FREE },
  "key-refused": { says: "does not accept the key", ...FREE },
  "model-missing": { says: "is not known to its provider", ...FREE },
  "address-wrong": { says: "is not at the base URL that is configured", ...FREE },
  "too-large": { says: "sends or takes no body this large", ...FREE },
  busy: { says: "timed out or was locked on the provider's side", ...FREE, isRetryable: true },
  "rate-limited": { says: "is rate limited", ...FREE, isRetryable: true },
  "out-of-money": { says: "cannot be paid: the account's money or spend limit is used up", ...FREE },
  overloaded: { says: "is overloaded", ...FREE, isRetryable: true },
  "server-error": { says: "failed on the provider's side", ...FREE, isRetryable: true },
  unreachable: { says: "cannot be reached", ...FREE },
  reset: { says: "cannot be reached, or dropped the connection", ...FREE, isRetryable: true },
  silent: { says: "gave no answer in time", isRetryable: false, mayBeBilled: true },
  interrupted: { says: "broke off its answer", isRetryable: true, mayBeBilled: true },
  cut: { says: "was cut off at the longest answer allowed", ...FREE },
  unusable: { says: "gave an answer that cannot be read", isRetryable: true, mayBeBilled: true },
};

export interface FailureFacts {
  /** What the provider said, for people; may hold anything it likes, so redact it before showing. */
  readonly detail?: string | undefined;
  readonly status?: number | undefined;
  readonly isRetryable?: boolean | undefined;
  /** The least wait that the provider asked for, in milliseconds. */
  readonly notBeforeMs?: number | undefined;
}

/** A request that gave no answer. It holds nothing of the request, so no prompt and no key. */
export class ModelFailure extends Error {
  override readonly name = "ModelFailure";
  readonly kind: FailureKind;
  readonly detail: string;
  readonly status: number | undefined;
  readonly isRetryable: boolean;
  readonly notBeforeMs: number;

  constructor(kind: FailureKind, { detail = "", status, isRetryable, notBeforeMs = 0 }: FailureFacts = {}) {
    super(FAILURES[kind].says);
    this.kind = kind;
    this.detail = detail;
    this.status = status;
    this.isRetryable = isRetryable ?? FAILURES[kind].isRetryable;
    this.notBeforeMs = notBeforeMs;
  }
}

/** Converts what a model threw. `now` (milliseconds since the epoch) turns a retry-after date into a wait. */
export function toModelFailure(error: unknown, now: number): ModelFailure {
  const network = networkFailure(error);
  if (network !== undefined) return network;
  if (InvalidResponseDataError.isInstance(error)) return new ModelFailure("unusable", { detail: error.message });
  if (!APICallError.isInstance(error))
    return new ModelFailure("unusable", { detail: messageOf(error), isRetryable: false });
  const { statusCode: status, responseHeaders: headers = {} } = error;
  if (status === undefined) return new ModelFailure("unreachable", { detail: error.message });
  const said = readErrorBody(error.responseBody);
  const kind = kindBySaid(said, status) ?? kindByStatus(status, said);
  return new ModelFailure(kind, {
    detail: said.message || error.message,
    status,
    isRetryable: BY_STATUS.has(kind) ? shouldRetry(headers["x-should-retry"]) : undefined,
    notBeforeMs: retryAfterMs(headers, now),
  });
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
/** The parser's own codes: what came is not HTTP, or a body ended before its declared length. */
const PARSER_CODE = /^HPE_|^UND_ERR_RES/;

function networkFailure(error: unknown): ModelFailure | undefined {
  const hasStatus = APICallError.isInstance(error) && error.statusCode !== undefined;
  for (let current = error; current instanceof Error; current = current.cause) {
    const code = "code" in current && typeof current.code === "string" ? current.code : "";
    const detail = `${current.message || "no connection"} (${code})`;
    if (SILENT_CODES.has(code)) return new ModelFailure("silent", { detail });
    if (code === "UND_ERR_RES_EXCEEDED_MAX_SIZE") return new ModelFailure("too-large", { detail });
    if (RESET_CODES.has(code)) return new ModelFailure(hasStatus ? "interrupted" : "reset", { detail });
    if (PARSER_CODE.test(code)) return new ModelFailure("interrupted", { detail });
    if (HOPELESS_CODES.has(code) || TLS_CODE.test(code)) return new ModelFailure("unreachable", { detail });
  }
  return undefined;
}

interface Said {
  /** Whether the body calls itself an error, as some gateways do under status 200. */
  readonly isError: boolean;
  readonly type: string;
  readonly code: string;
  readonly message: string;
}

/**
 * Reads an error body: Anthropic and OpenAI send an object `error` with a type and a message, Ollama a text, and other servers put
 * the message beside it or as `detail`.
 */
function readErrorBody(body: string | undefined): Said {
  const whole = parseJson(body ?? "");
  const error = field(whole, "error") ?? (field(whole, "object") === "error" ? whole : undefined);
  const message = typeof error === "string" ? error : textField(error, "message");
  return {
    isError: error !== undefined && error !== null,
    type: textField(error, "type"),
    code: textField(error, "code") || textField(field(error, "details"), "error_code"),
    message: message || textField(whole, "message") || textField(whole, "detail"),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function textField(value: unknown, name: string): string {
  const found = field(value, name);
  return typeof found === "string" ? found : "";
}

const MONEY_CODE = /^(?:insufficient_quota|credit_balance_exhausted|\w*(?:spend|usage)_limit\w*)$/;

/** What the body decides. Messages are looked at only where no provider says it in any other way. */
function kindBySaid({ type, code, message }: Said, status: number): FailureKind | undefined {
  if (type === "billing_error" || MONEY_CODE.test(type) || MONEY_CODE.test(code)) return "out-of-money";
  if (status === 400 && /usage limits?|credit balance/i.test(message)) return "out-of-money";
  if (code === "content_policy_violation" || code === "content_filter") return "refused";
  if (code === "context_length_exceeded") return "prompt-too-long";
  if (status === 400 && /prompt is too long/i.test(message)) return "prompt-too-long";
  if (code === "model_not_found") return "model-missing";
  if (code === "slow_down") return "rate-limited";
  if (type === "overloaded_error" || code === "server_is_overloaded") return "overloaded";
  return undefined;
}

const KIND_BY_STATUS: Readonly<Record<number, FailureKind>> = {
  401: "key-refused",
  402: "out-of-money",
  403: "key-refused",
  404: "model-missing",
  408: "busy",
  409: "busy",
  413: "too-large",
  429: "rate-limited",
  503: "overloaded",
  529: "overloaded",
};

function kindByStatus(status: number, { isError, message }: Said): FailureKind {
  if (status < 300) return isError ? "server-error" : "unusable";
  // A model API says in JSON what it does not know; a page or a redirect comes from something else at that address.
  if (status < 400 || (status === 404 && message === "") || status === 405) return "address-wrong";
  return KIND_BY_STATUS[status] ?? (status >= 500 ? "server-error" : "bad-request");
}

/** Kinds for which the provider's own word on retrying counts; what money or a key decides stays decided. */
const BY_STATUS: ReadonlySet<FailureKind> = new Set([
  "bad-request",
  "busy",
  "rate-limited",
  "overloaded",
  "server-error",
]);

function shouldRetry(header: string | undefined): boolean | undefined {
  if (header === "true") return true;
  return header === "false" ? false : undefined;
}

function retryAfterMs(headers: Readonly<Record<string, string>>, now: number): number {
  const exact = Number(headers["retry-after-ms"] ?? Number.NaN);
  if (exact >= 0) return exact;
  const header = headers["retry-after"] ?? "";
  const seconds = header === "" ? Number.NaN : Number(header);
  if (seconds >= 0) return seconds * 1_000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? 0 : Math.max(0, date - now);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
