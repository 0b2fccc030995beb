import { z } from "zod";
import type { LogLevel } from "./core/log.ts";
import { didYouMean } from "./core/nearest.ts";
import type { AnyAutomation } from "./runs/automation.ts";
import type { Services } from "./app.ts";

const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const satisfies readonly LogLevel[];
const LOG_FORMATS = ["pretty", "json"] as const;
const PROVIDER_KINDS = ["anthropic", "openai", "openai-compatible", "ai-sdk"] as const;

/** An object that refuses keys it does not know: the message has a line for each, with the nearest one that it does know. */
function section<Shape extends z.core.$ZodLooseShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== "unrecognized_keys") return "must be an object.";
      const keys = (issue as z.core.$ZodIssueUnrecognizedKeys).keys;
      return keys.map((key) => `is not a setting.${didYouMean(key, known)}`).join("\n");
    },
  });
}

const text = (what: string): z.ZodString => z.string({ error: what }).min(1, { error: what });
const oneOf = <const Names extends readonly string[]>(names: Names): z.ZodEnum<{ [K in Names[number]]: K }> =>
  z.enum(names, { error: `must be one of ${names.join(", ")}.` });
const dollars = z.number({ error: "must be US dollars per million tokens, a number." }).min(0, {
  error: "must not be negative.",
});

const timezone = text("must be an IANA name, for example Europe/Amsterdam.").refine(isTimezone, {
  error: (issue) => {
    const typed = String(issue.input);
    const hint = didYouMean(typed, Intl.supportedValuesOf("timeZone"));
    return `"${typed}" is not a known time zone: give an IANA name, for example Europe/Amsterdam.${hint}`;
  },
});

const automation = z.custom<AnyAutomation<Services>>(isAutomation, {
  error: "must be what `automation(…)` returns.",
});

const count = z.int({ error: "must be a whole number of at least 1." }).min(1, { error: "must be at least 1." });
const DURATION = "must be milliseconds, or a number with ms, s, m, h or d, for example 5m.";
const duration = z
  .union([z.number(), z.string()], { error: DURATION })
  .refine((value) => (typeof value === "number" ? value >= 0 : /^\s*\d+(?:\.\d+)?(?:ms|s|m|h|d)\s*$/.test(value)), {
    error: DURATION,
  });
const levelTtl = z.union([duration, z.literal(false)], { error: "must be a duration, or false." });

const share = z
  .number({ error: "must be from 0 to 1." })
  .min(0, { error: "must be from 0 to 1." })
  .max(1, { error: "must be from 0 to 1." });

/** A cache policy as data. */
const cachePolicy = section({
  ttl: duration.optional(),
  staleWhileRevalidate: duration.optional(),
  staleIfError: duration.optional(),
  negativeTtl: duration.optional(),
  jitter: share.optional(),
  levels: section({
    memory: levelTtl.optional(),
    database: levelTtl.optional(),
    files: levelTtl.optional(),
  }).optional(),
  flight: oneOf(["process", "shared"]).optional(),
  isStrict: z.boolean({ error: "must be true or false." }).optional(),
  mutation: oneOf(["freeze", "clone", "share"]).optional(),
  factoryTimeoutMs: z.number({ error: "must be milliseconds." }).min(0, { error: "must not be negative." }).optional(),
  maxItems: count.optional(),
  leaseMs: count.optional(),
});

const EMBEDDER = 'must be hash, local, or "provider/model", for example openai/text-embedding-3-small.';
const REDIS = "must be a redis:// or rediss:// address, for example redis://127.0.0.1:6379.";

const POSTGRES = "must be a postgres:// address, for example postgres://user@127.0.0.1:5432/millrace.";
const POSTGRES_URL = /^postgres(?:ql)?:\/\/\S+$/;

const cache = section({
  memory: section({
    maxItems: count.optional(),
    maxBytes: count.optional(),
    policy: oneOf(["adaptive", "s3-fifo", "lru", "sieve"]).optional(),
  }).optional(),
  database: section({ maxItems: count.optional(), maxBytes: count.optional() }).optional(),
  files: section({
    minBytes: z.int({ error: "must be a whole number." }).min(0).optional(),
    maxBytes: count.optional(),
  }).optional(),
  policies: z.record(z.string(), cachePolicy, { error: "must be an object of policies." }).optional(),
  similar: section({
    embedder: z
      .string({ error: EMBEDDER })
      .regex(/^(?:hash|local|[^/\s]+\/\S+)$/, { error: EMBEDDER })
      .optional(),
    namespaces: z
      .record(
        z.string(),
        section({
          threshold: share.optional(),
          mode: oneOf(["strict", "balanced", "exact-terms"]).optional(),
          sampleRate: share.optional(),
          isShadow: z.boolean({ error: "must be true or false." }).optional(),
        }),
        { error: "must be an object of namespaces." },
      )
      .optional(),
    opposites: z
      .array(z.array(text("must be a word."), { error: "must be a list of words." }), {
        error: "must be a list of groups of words.",
      })
      .optional(),
    maxItems: count.optional(),
    maxBytes: count.optional(),
  }).optional(),
});

const modelLimits = {
  parallel: count.optional(),
  requestsPerMinute: count.optional(),
  tokensPerMinute: count.optional(),
};
const usd = z.number({ error: "must be US dollars, a number." }).min(0, { error: "must not be negative." });

const port = z
  .int({ error: "must be a whole number from 0 to 65535 (0: any free one)." })
  .min(0, { error: "must be from 0 to 65535." })
  .max(65_535, { error: "must be from 0 to 65535." });

const calls = section({
  ...modelLimits,
  adaptive: z.boolean({ error: "must be true or false." }).optional(),
  perModel: z.record(z.string(), section(modelLimits), { error: "must be an object by model." }).optional(),
  breaker: section({ failures: count.optional(), open: duration.optional() }).optional(),
  retry: section({
    attempts: count.optional(),
    base: duration.optional(),
    max: duration.optional(),
    share: share.optional(),
  }).optional(),
  fallback: z
    .record(z.string(), z.array(text("must be an alias or provider/model."), { error: "must be a list of models." }), {
      error: "must be an object of lists, by model.",
    })
    .optional(),
  firstByte: duration.optional(),
  hedge: z.boolean({ error: "must be true or false." }).optional(),
  budgets: section({
    day: usd.optional(),
    perAutomation: z.record(z.string(), usd, { error: "must be an object by automation." }).optional(),
    perTenant: z.record(z.string(), usd, { error: "must be an object by tenant." }).optional(),
  }).optional(),
  share: z
    .number({ error: "must be a part above 0 and at most 1." })
    .gt(0, { error: "must be above 0." })
    .max(1, { error: "must be at most 1." })
    .optional(),
  keep: duration.optional(),
});

const API_KEY = "must be a text of at least 16 characters.";
const gateway = section({
  tokens: z
    .record(
      z.string(),
      section({
        key: z.string({ error: API_KEY }).min(16, { error: API_KEY }),
        requestsPerMinute: count.optional(),
        tokensPerMinute: count.optional(),
        parallel: count.optional(),
      }),
      { error: "must be an object of tokens." },
    )
    .optional(),
  isOpen: z.boolean({ error: "must be true or false." }).optional(),
});

const SHARE = "must be a share above 0 and below 1, for example 0.99.";
const goodShare = z.number({ error: SHARE }).gt(0, { error: SHARE }).lt(1, { error: SHARE });
const BOUNDS_MS = [0.5, 1, 2.5, 5, 10, 25, 50, 100, 200, 500, 1_000, 2_500, 5_000, 10_000];
const objective = z.discriminatedUnion(
  "kind",
  [
    section({
      kind: z.literal("latency"),
      of: oneOf(["api", "simple-query", "complex-query", "batch"]),
      belowMs: z.number().refine((ms) => BOUNDS_MS.includes(ms), { error: `must be one of ${BOUNDS_MS.join(", ")}.` }),
      share: goodShare,
    }),
    section({ kind: z.literal("memory"), belowBytes: count, share: goodShare }),
    section({ kind: z.literal("hit-rate"), share: goodShare }),
  ],
  { error: "must have the kind latency, memory or hit-rate." },
);
const observe = section({
  objectives: z
    .record(z.string(), z.union([z.literal(false), objective], { error: "must be an objective, or false." }), {
      error: "must be an object of objectives.",
    })
    .optional(),
  memory: section({ limitBytes: count.optional(), high: goodShare.optional(), critical: goodShare.optional() })
    .refine(({ high = 0.75, critical = 0.88 }) => high < critical, {
      error: "must be below critical (default 0.88).",
      path: ["high"],
    })
    .optional(),
  auditHeads: text("must be the path of a file.").optional(),
});

/** What may stand in `millrace.config.ts`. */
export const UserConfigSchema = section({
  data: text("must be the path of a folder.").optional(),
  host: text("must be an address to bind to, for example 127.0.0.1.").optional(),
  port: port.optional(),
  timezone: timezone.optional(),
  log: section({ level: oneOf(LOG_LEVELS).optional(), format: oneOf(LOG_FORMATS).optional() }).optional(),
  models: z
    .record(
      z.string(),
      z.string({ error: 'must be "provider/model".' }).regex(/^[^/\s]+\/\S+$/, {
        error: 'must be "provider/model", for example anthropic/claude-haiku-4-5.',
      }),
      { error: "must be an object of aliases." },
    )
    .optional(),
  providers: z
    .record(
      z.string(),
      section({
        kind: oneOf(PROVIDER_KINDS).optional(),
        package: text("must be the name of an AI SDK package.").optional(),
        apiKey: text("must be a text that is not empty.").optional(),
        baseUrl: text("must be an http or https address.").optional(),
      }),
      { error: "must be an object of providers." },
    )
    .optional(),
  prices: z
    .record(
      z.string(),
      section({
        input: dollars,
        output: dollars,
        asOf: z.iso.date({ error: "must be the day the price was read, YYYY-MM-DD." }),
      }),
      { error: 'must be an object by "provider/model".' },
    )
    .optional(),
  cache: cache.optional(),
  calls: calls.optional(),
  gateway: gateway.optional(),
  redis: section({
    url: z.string({ error: REDIS }).regex(/^rediss?:\/\/\S+$/, { error: REDIS }),
  }).optional(),
  database: section({
    url: z.string({ error: POSTGRES }).regex(POSTGRES_URL, { error: POSTGRES }),
    min: z.int({ error: "must be a whole number." }).min(0, { error: "must not be negative." }).optional(),
    max: z.int({ error: "must be a whole number of at least 2." }).min(2, { error: "must be at least 2." }).optional(),
    replica: z.string({ error: POSTGRES }).regex(POSTGRES_URL, { error: POSTGRES }).optional(),
    dispatch: oneOf(["pg-boss", "table"]).optional(),
  })
    .refine(({ min = 10, max = 100 }) => min <= max, {
      error: "min (default 10) must not be above max.",
      path: ["max"],
    })
    .optional(),
  durability: oneOf(["normal", "full"]).optional(),
  role: oneOf(["all", "web", "worker"]).optional(),
  runs: section({
    slots: count.optional(),
    retention: section({
      done: duration.optional(),
      failed: duration.optional(),
      events: duration.optional(),
      maxDone: count.optional(),
      maxFailed: count.optional(),
      maxEvents: count.optional(),
      waits: duration.optional(),
    }).optional(),
  }).optional(),
  worker: section({ port }).optional(),
  observe: observe.optional(),
  automations: z.array(automation, { error: "must be a list of automations." }).optional(),
  apps: z.record(z.string(), z.unknown(), { error: "must be an object of apps." }).optional(),
});

export type ParsedConfig = z.infer<typeof UserConfigSchema>;

function isAutomation(value: unknown): boolean {
  const { name, run, options } = { ...(value as Partial<AnyAutomation> | undefined) };
  return typeof name === "string" && typeof run === "function" && Array.isArray(options?.on);
}

function isTimezone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
