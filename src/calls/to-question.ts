import type { CacheOptions } from "../cache/cache.ts";
import { canonicalJson } from "../core/json.ts";
import type { CallOptions, ObjectOptions, Packing, StreamOptions } from "./ai.ts";
import type { AiRun } from "./ai-run.ts";
import { answerKeys } from "./answer-key.ts";
import type { ModelRef } from "./models.ts";
import type { Question } from "./pipeline.ts";
import { toPrompt } from "./to-prompt.ts";

/** The options of any call, whatever is wanted of it. */
export interface AskOptions<T> extends CallOptions {
  readonly rules?: () => T;
  readonly whole?: Question["whole"];
  /** `kept`: only what is kept, else NOT_KEPT; `made`: asked anew, and kept. Default: whichever there is. */
  readonly only?: "kept" | "made";
  readonly isHeld?: boolean;
  readonly replay?: StreamOptions["replay"];
  readonly pack?: ObjectOptions<T>["pack"];
}

export const DEFAULT_MAX_OUTPUT_TOKENS = 1_024;
const DEFAULT_TIMEOUT_MS = 60_000;
const DEFAULT_POLICY = "answers";

/** Longest time of a call, in milliseconds. */
export function timeoutOf({ timeoutMs = DEFAULT_TIMEOUT_MS }: Pick<CallOptions, "timeoutMs">): number {
  return timeoutMs;
}

/** Writes what is asked of a model, for whom, and how its answer is kept. Throws INPUT_INVALID where it cannot be made to fit. */
export function toQuestion(
  run: Pick<AiRun, "tenant">,
  model: ModelRef,
  options: AskOptions<unknown>,
  object: Question["object"],
): Question {
  const { system, maxOutputTokens = DEFAULT_MAX_OUTPUT_TOKENS, similar = false, whole, only } = options;
  const { isHeld = false, pack = false } = options;
  const tenant = options.tenant ?? run.tenant;
  const prompt = whole?.call.prompt ?? toPrompt(options, object);
  const keeping = toCacheOptions(options);
  // What is written here has its fields in one order; what a client wrote may have them in any.
  const shape = (): string =>
    whole === undefined
      ? JSON.stringify([tenant, prompt, maxOutputTokens, object?.name, object?.wire])
      : canonicalJson({ tenant, call: whole.call });
  const about = { prompt: options.prompt, system, turns: 1 + (options.history?.length ?? 0) };
  return {
    model,
    alias: options.model ?? "fast",
    prompt,
    maxOutputTokens,
    tenant,
    priority: options.priority ?? 0,
    ...(object === undefined ? {} : { object }),
    ...(whole === undefined ? {} : { whole }),
    ...(pack === false ? {} : { pack: toPacking(pack) }),
    ...(isHeld ? { isHeld } : {}),
    ...(keeping === undefined
      ? {}
      : { keep: { keyOf: answerKeys(shape()), options: keeping, isOnly: only === "kept" } }),
    ...(similar === false ? {} : { similar: { reuse: similar === true ? {} : similar, ...about } }),
  };
}

export function toPacking(pack: true | Packing): NonNullable<Question["pack"]> {
  const { most = 10, waitMs = 100 } = pack === true ? {} : pack;
  return { most, waitMs };
}

function toCacheOptions({ cache = true, tags }: CallOptions): CacheOptions | undefined {
  if (cache === false) return undefined;
  const given = cache === true ? {} : cache;
  return { policy: DEFAULT_POLICY, ...given, ...(tags === undefined ? {} : { tags }) };
}
