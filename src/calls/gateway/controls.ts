import { type Duration, toMs } from "../../core/duration.ts";
import { type InputMistake, inputInvalid } from "../../core/schema.ts";

/** Headers as Node gives them: names in lower case. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What a request asks of the gateway itself. */
export interface Controls {
  /** `no-store`: neither looked up nor kept; `only`: nothing but what is kept; `refresh`: asked anew, and kept. */
  readonly cache: "default" | "no-store" | "only" | "refresh";
  /** `live`: passed on as it comes; `held`: once it is whole, so that another model may still stand in. */
  readonly mode: "live" | "held";
  /** How a stream that is kept comes: at once, or at the pace at which it once came. */
  readonly replay: "now" | "pace";
  readonly tags: readonly string[];
  readonly timeoutMs: number;
}

/** As long as the official clients wait. */
const DEFAULT_TIMEOUT_MS = 600_000;
const LONGEST_TIMEOUT_MS = 86_400_000;
const DEFAULTS: Controls = { cache: "default", mode: "live", replay: "now", tags: [], timeoutMs: DEFAULT_TIMEOUT_MS };
const CACHES = ["default", "no-store", "only", "refresh"] as const;
const MODES = ["live", "held"] as const;
const REPLAYS = ["now", "pace"] as const;

/** Reads the headers `x-millrace-*`. Throws INPUT_INVALID that names the header. */
export function readControls(headers: RequestHeaders): Controls {
  const cache = headers["x-millrace-cache"];
  const mode = headers["x-millrace-mode"];
  const replay = headers["x-millrace-replay"];
  const tags = headers["x-millrace-tags"];
  const timeout = headers["x-millrace-timeout"];
  if ([cache, mode, replay, tags, timeout].every((header) => header === undefined)) return DEFAULTS;
  const mistakes: InputMistake[] = [];
  const controls: Controls = {
    cache: oneOf("x-millrace-cache", cache, CACHES, mistakes),
    mode: oneOf("x-millrace-mode", mode, MODES, mistakes),
    replay: oneOf("x-millrace-replay", replay, REPLAYS, mistakes),
    tags: listOf(tags),
    timeoutMs: readTimeout(timeout, mistakes),
  };
  if (mistakes.length > 0) throw inputInvalid(mistakes, { what: "The headers" });
  return controls;
}

function oneOf<T extends string>(
  name: string,
  given: RequestHeaders[string],
  known: readonly [T, ...T[]],
  mistakes: InputMistake[],
): T {
  if (given === undefined) return known[0];
  const found = known.find((each) => each === given);
  if (found === undefined) mistakes.push({ pointer: `/${name}`, detail: `must be one of ${known.join(", ")}` });
  return found ?? known[0];
}

/** Commas part them. */
function listOf(given: RequestHeaders[string]): readonly string[] {
  const text = typeof given === "string" ? given : (given ?? []).join(",");
  return text
    .split(",")
    .map((tag) => tag.trim())
    .filter((tag) => tag !== "");
}

function readTimeout(given: RequestHeaders[string], mistakes: InputMistake[]): number {
  if (given === undefined) return DEFAULT_TIMEOUT_MS;
  try {
    const duration: Duration = typeof given === "string" && /^\d+$/.test(given) ? Number(given) : String(given);
    const ms = toMs(duration);
    if (ms > 0 && ms <= LONGEST_TIMEOUT_MS) return ms;
  } catch {
    // Named below, with its header.
  }
  mistakes.push({
    pointer: "/x-millrace-timeout",
    detail: "must be milliseconds, or a number with ms, s, m or h; at most 24h",
  });
  return DEFAULT_TIMEOUT_MS;
}
