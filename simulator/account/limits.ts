import type { LaneName } from "../lane.ts";
import { type Bucket, createBucket } from "./bucket.ts";
import { familyOf } from "./family.ts";

/** Limits of one model family, per minute unless said otherwise. What is not given is not limited. */
export interface FamilyLimits {
  readonly requests?: number | undefined;
  /** Anthropic's lane: input without what the prompt cache gives. */
  readonly inputTokens?: number | undefined;
  /** Anthropic's lane: output, as it is written. */
  readonly outputTokens?: number | undefined;
  /** OpenAI's lane: the larger of prompt and allowed answer, on arrival. */
  readonly tokens?: number | undefined;
  /** Requests at once. */
  readonly concurrent?: number | undefined;
  /** Input that may grow as it likes; beyond it no minute may have more than half as much again as the highest of the last 15. */
  readonly rampTokens?: number | undefined;
}

export interface Limits extends FamilyLimits {
  /** US dollars that an organisation may spend until the next reset. */
  readonly spendUsd?: number | undefined;
  /** Other limits for some families, by name: `claude-opus-5`, or a model's name without its date. */
  readonly families?: Readonly<Record<string, FamilyLimits>> | undefined;
}

/** What a provider lets a new account do: requests, input and output tokens a minute. */
export const START_TIER: Limits = {
  requests: 1_000,
  inputTokens: 2_000_000,
  outputTokens: 400_000,
  tokens: 2_000_000,
};

export type Refusal = "requests" | "tokens" | "concurrent" | "ramp" | "spend";

export interface Admitted {
  readonly ok: true;
  /** Gives back what of the input need not have been charged. */
  correct(tokens: number, now: number): void;
  /** Charges output as it is written. */
  wrote(tokens: number, now: number): void;
  /** Ends the request. Harmless when called again. */
  end(): void;
}

export type Admission =
  | Admitted
  | { readonly ok: false; readonly because: Refusal; readonly retryAfterMs: number | undefined };

export interface Ask {
  readonly lane: LaneName;
  readonly organization: string;
  readonly model: string;
  readonly inputTokens: number;
  /** What the answer may have, where the client says so. */
  readonly maxTokens: number;
  /** What the organisation has spent, in US dollars. */
  readonly spentUsd: number;
}

export interface LimitKeeper {
  admit(ask: Ask, now: number): Admission;
  /** The state of a family's limits, as its lane tells it; `skewMs` is added to each time. */
  headers(ask: Pick<Ask, "lane" | "organization" | "model">, now: number, skewMs: number): Record<string, string>;
}

/** What a family of one organisation has used. Families beyond the ten thousandth share the account of the first. */
interface Account {
  readonly limits: FamilyLimits;
  readonly requests: Bucket | undefined;
  readonly input: Bucket | undefined;
  readonly output: Bucket | undefined;
  readonly tokens: Bucket | undefined;
  readonly minutes: Map<number, number>;
  underWay: number;
}

const MOST_ACCOUNTS = 10_000;
const MINUTE_MS = 60_000;
/** What is asked for where no wait would be enough. */
const LONGEST_WAIT_MS = MINUTE_MS;
const RAMP_MINUTES = 15;
const RAMP_GROWTH = 1.5;

export function createLimits(limits: Limits): LimitKeeper {
  const accounts = new Map<string, Account>();

  function accountOf(
    { lane, organization, model }: Pick<Ask, "lane" | "organization" | "model">,
    now: number,
  ): Account {
    const family = familyOf(model);
    const wanted = `${lane} ${organization} ${family}`;
    const [first = wanted] = accounts.keys();
    const key = accounts.size < MOST_ACCOUNTS || accounts.has(wanted) ? wanted : first;
    const account = accounts.get(key) ?? openAccount({ ...limits, ...limits.families?.[family] }, lane, now);
    accounts.set(key, account);
    return account;
  }

  return {
    admit(ask, now) {
      const account = accountOf(ask, now);
      const { requests, input, output, tokens } = account;
      const { spendUsd } = limits;
      if (spendUsd !== undefined && ask.spentUsd >= spendUsd) return refuse("spend", undefined);
      const { concurrent } = account.limits;
      if (concurrent !== undefined && account.underWay >= concurrent) return refuse("concurrent", 1_000);
      const waitRequests = requests?.waitMs(1, now) ?? 0;
      const charged = ask.lane === "openai" ? Math.max(ask.inputTokens, ask.maxTokens) : ask.inputTokens;
      const bucket = ask.lane === "openai" ? tokens : input;
      const waitTokens = Math.max(bucket?.waitMs(charged, now) ?? 0, output?.waitMs(1, now) ?? 0);
      // OpenAI counts what it refuses, too, but a bucket is never emptier than empty for it.
      const isCounted = waitRequests === 0 || ask.lane === "openai";
      if (isCounted) requests?.take(Math.min(1, Math.max(0, requests.level(now))), now);
      if (waitRequests > 0) return refuse("requests", waitRequests);
      if (waitTokens > 0) return refuse("tokens", waitTokens);
      if (!growsSlowly(account, ask.inputTokens, now)) return refuse("ramp", MINUTE_MS - (now % MINUTE_MS));
      bucket?.take(charged, now);
      account.underWay += 1;
      return admitted(account, ask.lane);
    },
    headers(ask, now, skewMs) {
      const { requests, input, output, tokens } = accountOf(ask, now);
      const own =
        ask.lane === "openai"
          ? openAiHeaders({ requests, tokens }, now)
          : anthropicHeaders({ requests, input, output }, now, skewMs);
      return Object.fromEntries(own);
    },
  };
}

function openAccount(limits: FamilyLimits, lane: LaneName, now: number): Account {
  const bucket = (perMinute: number | undefined): Bucket | undefined =>
    perMinute === undefined ? undefined : createBucket(perMinute, now);
  const isOpenAi = lane === "openai";
  return {
    limits,
    requests: bucket(limits.requests),
    input: isOpenAi ? undefined : bucket(limits.inputTokens),
    output: isOpenAi ? undefined : bucket(limits.outputTokens),
    tokens: isOpenAi ? bucket(limits.tokens) : undefined,
    minutes: new Map(),
    underWay: 0,
  };
}

function refuse(because: Refusal, retryAfterMs: number | undefined): Admission {
  return {
    ok: false,
    because,
    retryAfterMs: retryAfterMs === undefined ? undefined : Math.min(retryAfterMs, LONGEST_WAIT_MS),
  };
}

function admitted(account: Account, lane: LaneName): Admitted {
  let isUnderWay = true;
  return {
    ok: true,
    // OpenAI does not say that it gives anything back within the minute.
    correct(tokens, now) {
      if (lane === "anthropic") account.input?.take(-tokens, now);
    },
    wrote(tokens, now) {
      account.output?.take(tokens, now);
    },
    end() {
      if (isUnderWay) account.underWay -= 1;
      isUnderWay = false;
    },
  };
}

/** Books the input in its minute, unless the minute would have too much. */
function growsSlowly({ limits: { rampTokens }, minutes }: Account, tokens: number, now: number): boolean {
  if (rampTokens === undefined) return true;
  const minute = Math.floor(now / MINUTE_MS);
  for (const past of minutes.keys()) if (past < minute - RAMP_MINUTES) minutes.delete(past);
  const highest = Math.max(0, ...[...minutes].filter(([past]) => past < minute).map(([, sum]) => sum));
  const sum = (minutes.get(minute) ?? 0) + tokens;
  if (sum > Math.max(rampTokens, highest * RAMP_GROWTH)) return false;
  minutes.set(minute, sum);
  return true;
}

type Header = readonly [name: string, value: string];

function anthropicHeaders(
  { requests, input, output }: Pick<Account, "requests" | "input" | "output">,
  now: number,
  skewMs: number,
): readonly Header[] {
  const timeOf = (at: number): string =>
    `${new Date(Math.ceil((at + skewMs) / 1_000) * 1_000).toISOString().slice(0, 19)}Z`;
  const tell = (name: string, limit: number, remaining: number, resetAt: number): readonly Header[] => [
    [`anthropic-ratelimit-${name}-limit`, String(limit)],
    [`anthropic-ratelimit-${name}-remaining`, String(remaining)],
    [`anthropic-ratelimit-${name}-reset`, timeOf(resetAt)],
  ];
  const thousands = (bucket: Bucket): number => Math.round(Math.max(0, bucket.level(now)) / 1_000) * 1_000;
  const both = [input, output].filter((bucket) => bucket !== undefined);
  const sum = (of: (bucket: Bucket) => number): number => both.reduce((total, bucket) => total + of(bucket), 0);
  return [
    ...(requests === undefined
      ? []
      : tell("requests", requests.perMinute, Math.max(0, Math.floor(requests.level(now))), requests.fullAt(now))),
    ...(input === undefined ? [] : tell("input-tokens", input.perMinute, thousands(input), input.fullAt(now))),
    ...(output === undefined ? [] : tell("output-tokens", output.perMinute, thousands(output), output.fullAt(now))),
    ...(both.length === 0
      ? []
      : tell(
          "tokens",
          sum(({ perMinute }) => perMinute),
          sum(thousands),
          Math.max(...both.map((bucket) => bucket.fullAt(now))),
        )),
  ];
}

function openAiHeaders({ requests, tokens }: Pick<Account, "requests" | "tokens">, now: number): readonly Header[] {
  const tell = (name: string, bucket: Bucket | undefined): readonly Header[] =>
    bucket === undefined
      ? []
      : [
          [`x-ratelimit-limit-${name}`, String(bucket.perMinute)],
          [`x-ratelimit-remaining-${name}`, String(Math.max(0, Math.floor(bucket.level(now))))],
          [`x-ratelimit-reset-${name}`, goDuration(bucket.fullAt(now) - now)],
        ];
  return [...tell("requests", requests), ...tell("tokens", tokens)];
}

/** A duration as Go writes it: `59.9ms`, `1s`, `6m0s`. */
export function goDuration(ms: number): string {
  if (ms < 1_000) return `${Number(ms.toFixed(1))}ms`;
  const seconds = ms / 1_000;
  if (seconds < 60) return `${Number(seconds.toFixed(3))}s`;
  return `${Math.floor(seconds / 60)}m${Number((seconds % 60).toFixed(3))}s`;
}
