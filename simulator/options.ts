import { type Clock, MillraceError } from "millrace";
import { z } from "zod";
import type { Limits } from "./account/limits.ts";
import type { ModelPrice } from "./account/prices.ts";
import { FAILOVER_ANSWER, type FailoverTimings } from "./faults/failover.ts";
import {
  FAULTS,
  type Fault,
  type FaultRule,
  type FaultSpec,
  PASSING_FAULTS,
  RETRY_AFTER_FORMS,
} from "./faults/fault.ts";

/** A time in milliseconds: always the same, or log-normal around a median. */
export type Latency = number | { readonly p50: number; readonly p95: number };

/** What can be changed while the simulator runs. */
export interface Behaviour {
  /** Time to the first byte of an answer. Default 0. */
  readonly latencyMs: Latency;
  /** How fast an answer is written, in tokens per second; 0 for at once. Default 0. */
  readonly tokensPerSecond: number;
  /** Share of requests that fail, from 0 to 1. Default 0. */
  readonly faultRate: number;
  /** Which faults these are, in equal parts. Default those that a good client gets over. */
  readonly faults: readonly Fault[];
  /** What happens to the first requests, one each, in the order of arrival, before rules and chance. Default none. */
  readonly script: readonly (Fault | FaultSpec | "none")[];
  /** Faults by model, route, turn, share and time. Default none. */
  readonly rules: readonly FaultRule[];
  /** What a 429 asks for, in seconds. Default 1. */
  readonly retryAfterSeconds: number;
  /** How far the date header and the reset times are off, in milliseconds. Default 0. */
  readonly skewMs: number;
  /** Limits that are really enforced, per organisation and model family. Default none. */
  readonly limits: Limits;
  /** How long a batch takes, in milliseconds. Beyond a day, what is not done expires. Default 2,000. */
  readonly batchMs: number;
  /** Default `full`. */
  readonly failoverTimings: FailoverTimings;
  /** What the models of the failover tests say. Default sixty words of ours. */
  readonly failoverAnswer: string;
}

export interface SimulatorOptions extends Partial<Behaviour> {
  /** Default 0: any free one. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Same seed, same requests: same answers, delays and faults, in whatever order they arrive. Default 1. */
  readonly seed?: number;
  /** The only key that is taken. Default: any. */
  readonly apiKey?: string;
  /** Whether requests without a key are taken, as a local server does. Default false. */
  readonly isKeyless?: boolean;
  /** The organisation of each key. Default: every key is an organisation of its own. */
  readonly organizations?: Readonly<Record<string, string>>;
  /** What `GET /v1/models` lists; any other name is answered all the same. */
  readonly models?: readonly string[];
  /** Tokens that prompt and answer may have together. Default 1,000,000. */
  readonly contextWindow?: number;
  /** Fewest tokens of a prefix that Anthropic's lane caches. Default 1,024. */
  readonly cacheMinimumTokens?: number;
  /** US dollars per million tokens, by model. Default 1 for input and 5 for output. */
  readonly prices?: Readonly<Record<string, ModelPrice>>;
  /** Whether `response_format: json_schema` is understood, as it is not by some local servers. Default true. */
  readonly structuredOutputs?: boolean;
  /** Answers every question with the same bytes, read no further than to its end: the upstream of a benchmark. Default false. */
  readonly isInstant?: boolean;
  readonly clock?: Clock;
}

const amount = z.number().min(0);
const latency = z.union([
  amount,
  z.strictObject({ p50: z.number().positive(), p95: amount }).refine(({ p50, p95 }) => p95 >= p50),
]);
const fault = z.enum(FAULTS);
const spec = {
  fault,
  retryAfterSeconds: amount.optional(),
  retryAfterForm: z.enum(RETRY_AFTER_FORMS).optional(),
  delayMs: amount.optional(),
  afterTokens: amount.optional(),
  skewMs: z.number().optional(),
};
const rule = z.strictObject({
  ...spec,
  model: z.string().optional(),
  route: z.string().optional(),
  nth: z.array(z.int().min(1)).optional(),
  every: z.int().min(1).optional(),
  first: amount.optional(),
  share: amount.max(1).optional(),
  fromMs: amount.optional(),
  untilMs: amount.optional(),
});
const perMinute = z.number().positive().optional();
const limit = {
  requests: perMinute,
  inputTokens: perMinute,
  outputTokens: perMinute,
  tokens: perMinute,
  concurrent: perMinute,
  rampTokens: perMinute,
};

/** Each field: its check, its default, and what would be right. */
const FIELDS: {
  readonly [K in keyof Behaviour]: readonly [z.ZodType<Behaviour[K]>, Behaviour[K], string];
} = {
  latencyMs: [latency, 0, "milliseconds of at least 0, or { p50, p95 } with p50 above 0 and p95 not below it"],
  tokensPerSecond: [amount, 0, "tokens per second, or 0 for at once"],
  faultRate: [amount.max(1), 0, "a number from 0 to 1"],
  faults: [z.array(fault).min(1), PASSING_FAULTS, `a list of: ${FAULTS.join(", ")}`],
  script: [
    z.array(z.union([fault, z.literal("none"), z.strictObject(spec)])),
    [],
    `a list of: none, ${FAULTS.join(", ")}, or objects with such a \`fault\``,
  ],
  rules: [z.array(rule), [], "a list of { fault, model, route, nth, every, first, share, fromMs, untilMs }"],
  retryAfterSeconds: [amount, 1, "seconds of at least 0"],
  skewMs: [z.number(), 0, "milliseconds"],
  limits: [
    z.strictObject({
      ...limit,
      spendUsd: amount.optional(),
      families: z.record(z.string(), z.strictObject(limit)).optional(),
    }),
    {},
    "{ requests, inputTokens, outputTokens, tokens, concurrent, rampTokens, spendUsd, families }, each above 0",
  ],
  batchMs: [amount, 2_000, "milliseconds of at least 0"],
  failoverTimings: [z.enum(["full", "fast"]), "full", "full or fast"],
  failoverAnswer: [z.string().min(1), FAILOVER_ANSWER, "a text"],
};

/** Checks and completes the changeable part. Throws INPUT_INVALID with the bad value. */
export function toBehaviour(options: Partial<Readonly<Record<keyof Behaviour, unknown>>>): Behaviour {
  return {
    latencyMs: read("latencyMs", options),
    tokensPerSecond: read("tokensPerSecond", options),
    faultRate: read("faultRate", options),
    faults: read("faults", options),
    script: read("script", options),
    rules: read("rules", options),
    retryAfterSeconds: read("retryAfterSeconds", options),
    skewMs: read("skewMs", options),
    limits: read("limits", options),
    batchMs: read("batchMs", options),
    failoverTimings: read("failoverTimings", options),
    failoverAnswer: read("failoverAnswer", options),
  };
}

function read<K extends keyof Behaviour>(name: K, options: Partial<Readonly<Record<K, unknown>>>): Behaviour[K] {
  const [schema, standard, wanted] = FIELDS[name];
  const found = options[name];
  if (found === undefined) return standard;
  const parsed = schema.safeParse(found);
  if (parsed.success) return parsed.data;
  const path = parsed.error.issues[0]?.path.join(".") ?? "";
  const field = path === "" ? name : `${name}.${path}`;
  throw new MillraceError(
    "INPUT_INVALID",
    path === ""
      ? `${name} of the simulator is ${JSON.stringify(found)}.`
      : `${field} of the simulator is wrong in ${JSON.stringify(found)}.`,
    {
      facts: { name: field, found },
      advice: `Give ${wanted}.`,
    },
  );
}
