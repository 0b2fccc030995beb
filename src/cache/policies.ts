import { toMs, type Duration } from "../core/duration.ts";
import { MillraceError } from "../core/errors.ts";
import { didYouMean } from "../core/nearest.ts";
import type { CacheOptions, CachePolicy } from "./cache.ts";

/** Policies that every cache knows; a configuration may replace them and add its own. */
export const CACHE_POLICIES = {
  configuration: { ttl: "5m", staleIfError: "1h" },
  // Whoever lost a right must not keep it for a moment: no grace, and the journal is asked before every answer.
  permissions: { ttl: "1m", jitter: 0, isStrict: true },
  "deployment-history": { ttl: "10m", staleWhileRevalidate: "10m", staleIfError: "1h" },
  "device-contexts": { ttl: "10m", staleWhileRevalidate: "1h", staleIfError: "1d" },
  // What was paid for: made once among all processes, and better old than missing.
  answers: { ttl: "1d", staleIfError: "7d", flight: "shared" },
  // Answers of the HTTP API, whole: in the memory of a process alone, and never older than what they were made of.
  responses: { ttl: "1m", maxItems: 1_000 },
  "drive-files": { ttl: "300s", staleIfError: "5m", maxItems: 1_000 },
} as const satisfies Readonly<Record<string, CachePolicy>>;

/** A lease is renewed at a third of its time, which must leave room for a slow database; and a dead holder must not be waited for all day. */
const LEAST_LEASE_MS = 100;
const MOST_LEASE_MS = 3_600_000;

export type LevelName = "memory" | "database" | "files";

/** A policy with every field decided. Times are milliseconds. */
export interface ResolvedPolicy {
  /** Under which `maxItems` counts. */
  readonly name: string | undefined;
  readonly ttlMs: number;
  readonly staleWhileRevalidateMs: number;
  readonly staleIfErrorMs: number;
  readonly negativeTtlMs: number;
  readonly isNegative: (error: unknown) => boolean;
  readonly jitter: number;
  /** Undefined: no TTL of its own; false: not kept there. */
  readonly levels: Readonly<Partial<Record<LevelName, number | false>>>;
  readonly isShared: boolean;
  readonly leaseMs: number;
  readonly isStrict: boolean;
  readonly mutation: "freeze" | "clone" | "share";
  readonly factoryTimeoutMs: number | undefined;
  readonly maxItems: number | undefined;
}

export interface Policies {
  /** Throws INPUT_INVALID for a policy that nobody named. */
  resolve(options: CacheOptions | undefined): ResolvedPolicy;
  /** What the hot path must know, without resolving the rest. */
  isStrict(options: CacheOptions | undefined): boolean;
}

export interface PoliciesOptions {
  readonly policies?: Readonly<Record<string, CachePolicy>>;
  readonly defaults?: CachePolicy;
}

/** Checks policies once, when the cache is made. Throws INPUT_INVALID, naming the policy. */
export function createPolicies({ policies = {}, defaults = {} }: PoliciesOptions): Policies {
  const named = new Map<string, CachePolicy>();
  for (const [name, policy] of Object.entries({ ...CACHE_POLICIES, ...policies }))
    named.set(name, { ...defaults, ...policy });
  const resolvedByName = new Map([...named].map(([name, policy]) => [name, resolvePolicy(policy, name)]));
  const resolvedDefaults = resolvePolicy(defaults, undefined);

  function requireNamed(name: string): CachePolicy {
    const policy = named.get(name);
    if (policy !== undefined) return policy;
    throw new MillraceError("INPUT_INVALID", `There is no cache policy "${name}".${didYouMean(name, named.keys())}`, {
      facts: { policy: name },
      advice: `Use one of ${[...named.keys()].join(", ")}, or add it under cache.policies.`,
    });
  }

  return {
    resolve(options) {
      if (options === undefined) return resolvedDefaults;
      const { policy: name, tags, signal: _signal, ...own } = options;
      if (tags !== undefined) requireTags(tags);
      const base = name === undefined ? defaults : requireNamed(name);
      if (Object.keys(own).length > 0) return resolvePolicy({ ...base, ...own }, name);
      return name === undefined ? resolvedDefaults : (resolvedByName.get(name) ?? resolvedDefaults);
    },
    isStrict(options) {
      if (options === undefined) return resolvedDefaults.isStrict;
      if (options.isStrict !== undefined) return options.isStrict;
      if (options.policy === undefined) return resolvedDefaults.isStrict;
      return resolvedByName.get(options.policy)?.isStrict ?? true;
    },
  };
}

function resolvePolicy(policy: CachePolicy, name: string | undefined): ResolvedPolicy {
  const { jitter = 0.1, factoryTimeoutMs, maxItems, leaseMs = 5_000 } = policy;
  if (!(jitter >= 0 && jitter <= 1)) throw invalid("jitter must be from 0 to 1", jitter, name);
  if (factoryTimeoutMs !== undefined && !(factoryTimeoutMs >= 0))
    throw invalid("factoryTimeoutMs must not be negative", factoryTimeoutMs, name);
  if (!(leaseMs >= LEAST_LEASE_MS && leaseMs <= MOST_LEASE_MS))
    throw invalid(`leaseMs must be from ${LEAST_LEASE_MS} to ${MOST_LEASE_MS}`, leaseMs, name);
  if (policy.mutation !== undefined) requireOneOf("mutation", policy.mutation, MUTATIONS, name);
  if (policy.flight !== undefined) requireOneOf("flight", policy.flight, FLIGHTS, name);
  for (const level of Object.keys(policy.levels ?? {})) requireOneOf("a key of levels", level, LEVELS, name);
  if (maxItems !== undefined && !(Number.isInteger(maxItems) && maxItems >= 1))
    throw invalid("maxItems must be a whole number of at least 1", maxItems, name);
  return {
    name,
    ttlMs: toMs(policy.ttl ?? "5m"),
    staleWhileRevalidateMs: toMs(policy.staleWhileRevalidate ?? 0),
    staleIfErrorMs: toMs(policy.staleIfError ?? 0),
    negativeTtlMs: toMs(policy.negativeTtl ?? 0),
    isNegative: policy.isNegative ?? (() => false),
    jitter,
    levels: policy.levels === undefined ? {} : levelTtls(policy.levels),
    isShared: policy.flight === "shared",
    leaseMs,
    isStrict: policy.isStrict ?? false,
    mutation: policy.mutation ?? "freeze",
    factoryTimeoutMs,
    maxItems,
  };
}

function levelTtls(levels: Readonly<Partial<Record<LevelName, Duration | false>>>): ResolvedPolicy["levels"] {
  return Object.fromEntries(Object.entries(levels).map(([level, ttl]) => [level, ttl === false ? false : toMs(ttl)]));
}

const MUTATIONS = ["freeze", "clone", "share"];
const FLIGHTS = ["process", "shared"];
const LEVELS = ["memory", "database", "files"];

function requireOneOf(field: string, value: string, names: readonly string[], policy: string | undefined): void {
  if (!names.includes(value)) throw invalid(`${field} must be one of ${names.join(", ")}`, value, policy);
}

function requireTags(tags: readonly string[]): void {
  if (Array.isArray(tags) && tags.every((tag: unknown) => typeof tag === "string")) return;
  throw new MillraceError("INPUT_INVALID", "tags must be a list of texts.", { advice: 'Write tags: ["a", "b"].' });
}

function invalid(rule: string, value: number | string, name: string | undefined): MillraceError {
  const where = name === undefined ? "" : ` in the cache policy "${name}"`;
  return new MillraceError("INPUT_INVALID", `${rule}${where}, got ${value}.`, { facts: { value, policy: name } });
}
