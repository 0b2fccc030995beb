import { inspect } from "node:util";

/** Facts of an error, as data: what was found, what was expected, where. Never a secret. */
export type Facts = Readonly<Record<string, unknown>>;

interface ErrorKind {
  /** One line for people, the `title` of a problem document. */
  readonly title: string;
  /** The HTTP status that says the same. */
  readonly status: number;
  /** What to do about it when the place that throws knows nothing better. */
  readonly advice: string;
}

/** Every code that Millrace can give. `docs/reference/errors.md` is made of this table. */
export const ERROR_KINDS = {
  ADDRESS_IN_USE: {
    title: "The address is taken",
    status: 503,
    advice: "Stop the other program or choose another --port.",
  },
  AUTOMATION_CONFLICT: {
    title: "The automation contradicts one that is there",
    status: 409,
    advice: "Look at `conflicts`: change or remove the other automation, or approve again and accept them by name.",
  },
  AUTOMATION_DUPLICATE: { title: "Two automations share a name", status: 500, advice: "Rename one of them." },
  AUTOMATION_UNKNOWN: {
    title: "There is no such automation",
    status: 404,
    advice: "List the names with `millrace automations`.",
  },
  AUTOMATION_UNSAFE: {
    title: "The automation is not safe to deploy",
    status: 409,
    advice: "Look at `problems`; for a device that needs it, approve again with its entity in `optIn`.",
  },
  BREAKER_OPEN: {
    title: "The breaker is open after failures in a row",
    status: 503,
    advice: "Use another route, or come back after `retryAfterMs`, when it is probed again.",
  },
  BUDGET_SPENT: {
    title: "The budget is spent",
    status: 402,
    advice: "Wait for the next period (`resetAt`), or raise the limit that is named.",
  },
  CACHE_CLOSED: { title: "The cache is closed", status: 503, advice: "Ask again when Millrace has started." },
  CACHE_CYCLE: {
    title: "A cached value needs itself",
    status: 500,
    advice: "Make one of the values that are named without asking the cache for the next.",
  },
  CACHE_TIMEOUT: {
    title: "A cached value took too long to make",
    status: 504,
    advice: "Raise the policy's factoryTimeoutMs, or allow stale values with staleIfError.",
  },
  CACHE_UNREACHABLE: {
    title: "The cache's database cannot be reached",
    status: 503,
    advice: "What was invalidated holds in this process, and reaches the others once the database answers again.",
  },
  CALLED_FAILED: {
    title: "A run that was called failed or was canceled",
    status: 500,
    advice: "Look at that run; `millrace runs retry ID` on this one tries both again.",
  },
  CALL_ABORTED: { title: "The call was aborted", status: 499, advice: "Ask again if the answer is still wanted." },
  CALL_FAILED: {
    title: "The model gave no usable answer",
    status: 502,
    advice: "Look at the cause; ask again later or set a fallback.",
  },
  CAPACITY_REACHED: { title: "A limit is reached", status: 503, advice: "Close what is not needed, or try later." },
  CONFIG_INVALID: { title: "The configuration has mistakes", status: 500, advice: "Mend the fields named above." },
  CURSOR_INVALID: { title: "The cursor is not one of this list", status: 400, advice: "Start again without a cursor." },
  DATA_UNUSABLE: {
    title: "The data folder cannot be used",
    status: 500,
    advice: "Give a folder this user may read and write with --data.",
  },
  EVENTS_UNREADABLE: {
    title: "The event file cannot be read",
    status: 400,
    advice: "Check the path and the format: docs/guide/home.md lists those that are read.",
  },
  FALLBACKS_FAILED: {
    title: "Every candidate failed",
    status: 502,
    advice: "Look at the cause, the failure of the first candidate, and at `attempts` for the others.",
  },
  HOME_ASSISTANT_FAILED: {
    title: "Home Assistant answered with an error",
    status: 502,
    advice: "Look at Home Assistant's own log.",
  },
  HOME_ASSISTANT_MISSING: {
    title: "No Home Assistant is configured for this home",
    status: 409,
    advice: "Set MILLRACE_HOME_ASSISTANT_URL and MILLRACE_HOME_ASSISTANT_TOKEN, or apps.home.homeAssistant.",
  },
  HOME_ASSISTANT_REFUSED: {
    title: "Home Assistant refuses the token",
    status: 502,
    advice:
      "Make a long-lived access token on the profile page of an administrator and give it as MILLRACE_HOME_ASSISTANT_TOKEN.",
  },
  HOME_ASSISTANT_UNREACHABLE: {
    title: "Home Assistant cannot be reached",
    status: 503,
    advice: "Check that it runs and that MILLRACE_HOME_ASSISTANT_URL is its address; what is missed is read later.",
  },
  INPUT_INVALID: { title: "The input has mistakes", status: 400, advice: "Mend the fields named in `errors`." },
  INTERNAL: {
    title: "Something broke inside Millrace",
    status: 500,
    advice: "Look at the log; if it happens again, report it with the request id.",
  },
  METHOD_NOT_ALLOWED: {
    title: "The method is not allowed here",
    status: 405,
    advice: "Use a method of the Allow header.",
  },
  MODEL_UNKNOWN: {
    title: "There is no such model",
    status: 400,
    advice: "Write provider/model, or an alias from `models` in the configuration.",
  },
  NOT_FOUND: { title: "There is nothing here", status: 404, advice: "Check the address." },
  NOT_KEPT: {
    title: "No answer is kept",
    status: 504,
    advice: "Ask without `x-millrace-cache: only`, and the model is asked.",
  },
  ORIGIN_REFUSED: {
    title: "The Host or Origin is not allowed",
    status: 403,
    advice: "Open Millrace by the address it printed at start.",
  },
  PAYLOAD_TOO_LARGE: { title: "The body is too large", status: 413, advice: "Send less in one request." },
  MEDIA_TYPE_UNSUPPORTED: { title: "The media type is not supported", status: 415, advice: "Send application/json." },
  PROVIDER_FAILED: {
    title: "The provider answered with an error",
    status: 502,
    advice: "`millrace doctor` shows what is configured and reachable.",
  },
  PROVIDER_MISSING: {
    title: "No model provider is configured",
    status: 503,
    advice: "Set ANTHROPIC_API_KEY or OPENAI_API_KEY, or point OLLAMA_BASE_URL at a local server.",
  },
  QUEUE_FULL: { title: "Too many are waiting already", status: 503, advice: "Ask again later, or ask for less." },
  RATE_LIMITED: {
    title: "The rate limit allows this only after the deadline",
    status: 429,
    advice: "Ask again after `retryAfterMs`, give more time, or use another route.",
  },
  RUN_CANCELED: { title: "The run was canceled", status: 409, advice: "Start a new run." },
  RUN_CRASHED: {
    title: "The run crashed its process too often",
    status: 500,
    advice: "Look at its last step, then `millrace runs retry ID`.",
  },
  RUN_FENCED: {
    title: "Another worker owns the run now",
    status: 409,
    advice: "Nothing to do: the new owner goes on.",
  },
  RUN_STATE: {
    title: "The run is in a state that does not allow this",
    status: 409,
    advice: "Look at it with `millrace runs show ID`.",
  },
  READ_TIMEOUT: {
    title: "A read of the database took too long",
    status: 504,
    advice: "Give the statement an index (the log tells its plan), or raise its timeoutMs.",
  },
  RUN_TIMEOUT: {
    title: "The run took too long",
    status: 504,
    advice: "Raise the automation's timeoutMs, then `millrace runs retry ID`.",
  },
  RUN_UNKNOWN: { title: "There is no such run", status: 404, advice: "List the runs with `millrace runs list`." },
  RUN_VERSION: {
    title: "The run belongs to another version of its automation",
    status: 409,
    advice:
      "Start the version that it names, or cancel the run and `millrace runs retry ID`, which goes on with the code as it is now.",
  },
  SCHEDULE_INVALID: {
    title: "The schedule cannot be read",
    status: 500,
    advice: 'Write five cron fields, for example "0 3 * * *".',
  },
  SIGNATURE_REFUSED: {
    title: "The delivery is not signed as it should be",
    status: 401,
    advice:
      "Compare the secret and the kind of signature with what the sender has; a time that was signed has to be near to now.",
  },
  STEP_DUPLICATE: {
    title: "Two steps with one id are in flight",
    status: 500,
    advice: "Give each its own name, or use step.map with a key.",
  },
  STEP_FAILED: { title: "A step failed", status: 500, advice: "Look at its error, then `millrace runs retry ID`." },
  STEP_MISMATCH: {
    title: "The code asks for a step that is stored as another kind",
    status: 500,
    advice: "Give the changed step another name, or do the run again from it: `millrace runs retry ID --from STEP`.",
  },
  STEP_NESTED: {
    title: "A step was started inside of another step",
    status: 500,
    advice:
      "Start steps one after the other or side by side in the automation's own function; inside of a step call plain functions.",
  },
  STEP_OUTPUT: {
    title: "A step's result cannot be stored",
    status: 500,
    advice: "Return JSON; keep larger or other values in a file and return its path.",
  },
  STEP_REFUSED: {
    title: "A transaction of a step was refused",
    status: 409,
    advice: "A statement changed fewer rows than its atLeast, and nothing was written: look at what it expects.",
  },
  STEP_TIMEOUT: {
    title: "A step took too long",
    status: 504,
    advice: "Raise its timeoutMs, or split it into smaller steps.",
  },
  STORE_BUSY: {
    title: "Another Millrace owns this data folder",
    status: 409,
    advice: "Use the running one, stop it, or give another --data folder.",
  },
  STORE_FAILED: {
    title: "The database refused a statement",
    status: 500,
    advice: "Look at the cause; check disk space and permissions.",
  },
  STORE_COMMIT_FAILED: {
    title: "A commit failed and all of it was rolled back",
    status: 500,
    advice: "Nothing was stored: check disk space, then do it again.",
  },
  STORE_NEWER: {
    title: "The database is newer than this Millrace",
    status: 500,
    advice: "Upgrade Millrace or restore a backup.",
  },
  SUGGESTION_STATE: {
    title: "The suggestion is in a state that does not allow this",
    status: 409,
    advice: "Load it again and look at its status.",
  },
  TIMEZONE_INVALID: {
    title: "The time zone is not known",
    status: 400,
    advice: "Give an IANA name, for example Europe/Amsterdam.",
  },
  TOKEN_REFUSED: {
    title: "The API token is not known",
    status: 401,
    advice: "Give a key of `gateway.tokens` as Authorization: Bearer or x-api-key.",
  },
  TOKEN_REQUIRED: { title: "A token is needed beyond loopback", status: 500, advice: "Bind to 127.0.0.1." },
  UNDO_FAILED: {
    title: "Not all of a run could be undone",
    status: 500,
    advice: "Look at the failed #undo steps and put right by hand what they could not.",
  },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERROR_KINDS;

export interface ErrorOptions {
  readonly facts?: Facts;
  readonly cause?: unknown;
  /** Replaces the advice of the code's table row where this place knows better. */
  readonly advice?: string;
  /** Whether doing it again may help. Default: what the code's status says, yes for 500 and above. */
  readonly isRetryable?: boolean;
}

/** What is broken, under a code to branch on, with the facts and what to do about it. */
export class MillraceError extends Error {
  override readonly name = "MillraceError";
  readonly code: ErrorCode;
  readonly facts: Facts;
  readonly advice: string;
  readonly isRetryable: boolean;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.facts = options.facts ?? {};
    this.advice = options.advice ?? ERROR_KINDS[code].advice;
    this.isRetryable = options.isRetryable ?? ERROR_KINDS[code].status >= 500;
  }
}

/** Asks whether an unknown value is an error under this code. */
export function isErrorCode(error: unknown, code: ErrorCode): error is MillraceError {
  return error instanceof MillraceError && error.code === code;
}

/** An error as data: stored with a failed step or run, and sent over HTTP. It holds no stack. */
export interface ErrorRecord {
  readonly code: string;
  readonly message: string;
  readonly advice?: string;
}

/** Converts whatever was thrown to data. */
export function toErrorRecord(error: unknown): ErrorRecord {
  if (error instanceof MillraceError) return { code: error.code, message: error.message, advice: error.advice };
  if (error instanceof Error) return { code: errorCodeOf(error), message: error.message };
  return { code: "ERROR", message: typeof error === "string" ? error : inWords(error) };
}

/** Anything can be thrown, also what refuses to be made a text: this never throws. */
function inWords(thrown: unknown): string {
  return inspect(thrown, { depth: 2, breakLength: Infinity, customInspect: false, getters: false });
}

function errorCodeOf(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
