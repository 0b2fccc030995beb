/** What a provider counts. Anthropic tells requests, tokens, input and output; OpenAI requests and tokens, and the project's tokens. */
export const RATE_LIMIT_AXES = ["requests", "tokens", "input-tokens", "output-tokens", "project-tokens"] as const;

export type RateLimitAxis = (typeof RATE_LIMIT_AXES)[number];

/** One bucket, as the provider sees it. */
export interface RateLimit {
  /** Its size; null where the provider does not say. */
  readonly limit: number | null;
  readonly remaining: number | null;
  /** When it will be full again, milliseconds since the epoch; null where the provider does not say. */
  readonly resetAt: number | null;
}

/** What a provider's headers said of its limits. */
export interface RateLimits {
  /** When they said so, milliseconds since the epoch. */
  readonly at: number;
  readonly axes: Readonly<Partial<Record<RateLimitAxis, RateLimit>>>;
  /** Not before this may be asked again (retry-after); null when the last reply set no such time. */
  readonly blockedUntil: number | null;
}

/** Headers of a reply, names in lower case, as the HTTP client gives them. */
export type HeaderFields = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * Reads the rate-limit headers of either provider: `anthropic-ratelimit-AXIS-{limit,remaining,reset}` with RFC 3339 times, and
 * `x-ratelimit-{limit,remaining,reset}-AXIS` with Go durations or, at Azure, seconds. Undefined when there are none.
 */
export function readRateLimits(headers: HeaderFields, now: number): RateLimits | undefined {
  const axes: Partial<Record<RateLimitAxis, RateLimit>> = {};
  let isTold = false;
  for (const axis of RATE_LIMIT_AXES) {
    const limit = readAxis(headers, axis, now);
    if (limit === undefined) continue;
    axes[axis] = limit;
    isTold = true;
  }
  const waitMs = retryAfterMs(headers, now);
  if (!isTold && waitMs === undefined) return undefined;
  return { at: now, axes, blockedUntil: waitMs === undefined ? null : now + waitMs };
}

function readAxis(headers: HeaderFields, axis: RateLimitAxis, now: number): RateLimit | undefined {
  const anthropic = `anthropic-ratelimit-${axis}`;
  const of = (part: string): string | undefined =>
    text(headers[`${anthropic}-${part}`]) ?? text(headers[`x-ratelimit-${part}-${axis}`]);
  const limit = of("limit");
  const remaining = of("remaining");
  if (limit === undefined && remaining === undefined) return undefined;
  return { limit: count(limit), remaining: count(remaining), resetAt: resetAt(of("reset"), now) };
}

function text(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === "string" ? value : value?.[0];
}

/** Azure says -1 where it knows no number. */
function count(value: string | undefined): number | null {
  const number = Number(value ?? Number.NaN);
  return value !== undefined && value.trim() !== "" && number >= 0 ? number : null;
}

function resetAt(value: string | undefined, now: number): number | null {
  if (value === undefined || value === "") return null;
  const seconds = Number(value);
  if (!Number.isNaN(seconds)) return seconds < 0 ? null : now + seconds * 1_000;
  const duration = goDurationMs(value);
  if (duration !== undefined) return now + duration;
  const time = Date.parse(value);
  return Number.isNaN(time) ? null : time;
}

const UNITS: Readonly<Record<string, number>> = {
  h: 3_600_000,
  m: 60_000,
  s: 1_000,
  ms: 1,
  us: 1e-3,
  µs: 1e-3,
  ns: 1e-6,
};

/** `6m0s`, `59.9ms`: the text form of Go's time.Duration (pkg.go.dev/time#Duration.String). */
function goDurationMs(value: string): number | undefined {
  if (!/^(?:\d+(?:\.\d+)?(?:h|ms|m|s|us|µs|ns))+$/.test(value)) return undefined;
  let ms = 0;
  for (const [, amount = "0", unit = "s"] of value.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s|us|µs|ns)/g)) {
    ms += Number(amount) * (UNITS[unit] ?? 0);
  }
  return ms;
}

/**
 * The least wait that a provider asks for, in milliseconds: `retry-after-ms`, else `retry-after` in seconds or as a date (RFC 9110,
 * 10.2.3). Undefined when it asks for none that can be read.
 */
export function retryAfterMs(headers: HeaderFields, now: number): number | undefined {
  const exact = count(text(headers["retry-after-ms"]));
  if (exact !== null) return exact;
  const header = text(headers["retry-after"]) ?? "";
  const seconds = count(header);
  if (seconds !== null) return seconds * 1_000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
