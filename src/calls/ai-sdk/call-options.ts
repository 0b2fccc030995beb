import type { LanguageModelV4CallOptions } from "@ai-sdk/provider";
import type { CacheOptions } from "../../cache/cache.ts";
import { type Duration, toMs } from "../../core/duration.ts";
import { didYouMean } from "../../core/nearest.ts";
import { inputInvalid, type InputMistake } from "../../core/schema.ts";
import type { AnswerCaching } from "../ai.ts";

/** What a single call may say under `providerOptions.millrace`. */
export interface MillraceCallOptions {
  /** Whether an equal question is answered from what is kept, and this answer is kept. Default true. */
  readonly cache?: boolean | AnswerCaching;
  /** What the answer depends on: `cache.evict({ kind: "tag", tag })` makes it go. */
  readonly tags?: readonly string[];
  /** Whose answers these are: one tenant's never serve another. Default: everybody's. */
  readonly tenant?: string;
  /** From -10 to 10: who waits for a turn goes by it, highest first. Default 0. */
  readonly priority?: number;
  /** Longest time for the whole call, retries and stand-ins included. Default: that of the middleware. */
  readonly timeout?: Duration;
}

/** A call with its options taken out. */
export interface ReadCall {
  /** As it goes to the model. */
  readonly params: LanguageModelV4CallOptions;
  readonly own: MillraceCallOptions;
}

const KINDS: Readonly<Record<keyof MillraceCallOptions, (value: unknown) => string | undefined>> = {
  cache: (value) => {
    if (typeof value === "boolean") return undefined;
    if (!isFields(value)) return "must be true, false or an object of policy, ttl, staleIfError, staleWhileRevalidate.";
    return Object.entries(value).flatMap(([key, entry]) => mistakeOfCaching(key, entry))[0];
  },
  tags: (value) =>
    Array.isArray(value) && value.every((tag) => typeof tag === "string" && tag !== "")
      ? undefined
      : "must be a list of texts, none of them empty.",
  tenant: (value) => (typeof value === "string" && value !== "" ? undefined : "must be a text that is not empty."),
  priority: (value) =>
    typeof value === "number" && value >= -10 && value <= 10 ? undefined : "must be a number from -10 to 10.",
  timeout: (value) => (isDuration(value) && toMs(value) > 0 ? undefined : DURATION),
};

const DURATION = "must be a time, in milliseconds or like 30s or 5m.";
const CACHING: readonly (keyof AnswerCaching)[] = ["policy", "ttl", "staleIfError", "staleWhileRevalidate"];

/** Takes `providerOptions.millrace` out of a call. Throws INPUT_INVALID, naming every mistake. */
export function readCallOptions(params: LanguageModelV4CallOptions): ReadCall {
  const { millrace, ...providerOptions } = params.providerOptions ?? {};
  if (millrace === undefined) return { params, own: {} };
  const mistakes = Object.entries(millrace).flatMap(([name, value]): InputMistake[] => {
    if (value === undefined) return [];
    const pointer = `/providerOptions/millrace/${name}`;
    if (!isKnown(name)) return [{ pointer, detail: `is not an option.${didYouMean(name, Object.keys(KINDS))}` }];
    const detail = KINDS[name](value);
    return detail === undefined ? [] : [{ pointer, detail }];
  });
  if (mistakes.length > 0) throw inputInvalid(mistakes, { what: "The call" });
  return { params: { ...params, providerOptions }, own: millrace };
}

/** How an answer is kept; undefined: not at all. */
export function toCacheOptions(
  { cache = true, tags }: Pick<MillraceCallOptions, "cache" | "tags">,
  base: AnswerCaching,
): CacheOptions | undefined {
  if (cache === false) return undefined;
  const given = cache === true ? {} : cache;
  return { policy: "answers", ...base, ...given, ...(tags === undefined ? {} : { tags }) };
}

function mistakeOfCaching(key: string, value: unknown): string[] {
  if (!(CACHING as readonly string[]).includes(key)) return [`has no option ${key}.${didYouMean(key, CACHING)}`];
  if (key === "policy") return typeof value === "string" ? [] : ["policy must be the name of one."];
  return isDuration(value) ? [] : [`${key} ${DURATION}`];
}

function isKnown(name: string): name is keyof MillraceCallOptions {
  return Object.hasOwn(KINDS, name);
}

function isDuration(value: unknown): value is Duration {
  if (typeof value !== "number" && typeof value !== "string") return false;
  try {
    return toMs(value) >= 0;
  } catch {
    return false;
  }
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
