import type { Policies } from "../cache/policies.ts";
import type { OpenCache } from "../cache/create-cache.ts";
import type { SimilarPartition } from "../cache/semantic/partition.ts";
import type { Similar, SimilarHit } from "../cache/semantic/similar.ts";
import { canonicalKey } from "../cache/semantic/text/canonical-key.ts";
import type { Clock } from "../core/clock.ts";
import { canonicalJson } from "../core/json.ts";
import type { Log } from "../core/log.ts";
import { type KeptAnswer, toReply } from "./answer-shelf.ts";
import type { Ask, CallContext, Question, Reply, Stage } from "./pipeline.ts";

export interface ReuseSimilarOptions {
  readonly cache: OpenCache;
  /** Opens the finder with the first call that opts in. */
  readonly similar: () => Promise<Similar>;
  readonly policies: Policies;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Answers calls that opted in from what was answered to a similar question, and remembers the question of a fresh answer. It may only be
 * wrong in the direction of asking again: whatever fails here means that the question is asked.
 */
export function reuseSimilar({ cache, similar, policies, clock, log }: ReuseSimilarOptions): Stage {
  return (next) => async (question, context) => {
    const { keep, similar: wanted } = question;
    if (keep === undefined || wanted === undefined || context.isForced) return await next(question, context);
    const key = keep.keyOf(question.model.name);
    const exact = await cache.get<KeptAnswer>(key, { ...keep.options, signal: context.deadline.signal });
    if (exact?.isStale === false) return toReply(exact, null);
    const finder = await similar().catch((error: unknown) => {
      log.warn({ error }, "similar questions cannot be looked for");
      return undefined;
    });
    if (finder === undefined) return await next(question, context);

    const about = {
      partition: partitionOf(question, wanted.reuse, wanted.system),
      prompt: wanted.prompt,
      facts: { turns: wanted.turns },
    };
    const { variables, mode, threshold } = wanted.reuse;
    const found = await finder.lookup({
      ...about,
      variables,
      ...(mode === undefined ? {} : { mode }),
      ...(threshold === undefined ? {} : { threshold }),
      signal: context.deadline.signal,
    });
    if (found.kind === "hit") {
      const reply = await reuse(finder, found);
      if (reply !== undefined) {
        if (found.isSampled) checkBehind({ next, question, context, finder, hit: found, served: reply.text });
        return reply;
      }
    }
    const reply = await next(question, context);
    if (found.kind === "miss" && found.reason.because === "shadow") {
      const { hit } = found.reason;
      const served = await reuse(finder, hit);
      if (served !== undefined) await settle(finder, hit, question, { served: served.text, fresh: reply.text });
    }
    if (reply.source === "provider") {
      const expiresAt = clock.now() + policies.resolve(keep.options).ttlMs;
      await finder
        .store({ ...about, variables, entryId: key, expiresAt, signal: context.deadline.signal })
        .catch((error: unknown) => log.debug({ error }, "a question could not be remembered"));
    }
    return reply;
  };

  /** Undefined: the answer is gone, and so is its question from now on. */
  async function reuse(finder: Similar, { id, entryId, prompt, similarity }: SimilarHit): Promise<Reply | undefined> {
    const kept = await cache.get<KeptAnswer>(entryId);
    if (kept === undefined || kept.isStale) {
      await finder.forget(entryId);
      return undefined;
    }
    return { ...toReply(kept, null), source: "similar", similar: { id, question: prompt, similarity } };
  }

  function checkBehind({ next, question, context, finder, hit, served }: CheckParams): void {
    context.behind(question, async (behind) => {
      const fresh = await next(question, { ...behind, isForced: true });
      await settle(finder, hit, question, { served, fresh: fresh.text });
    });
  }
}

interface CheckParams {
  readonly next: Ask;
  readonly question: Question;
  readonly context: CallContext;
  readonly finder: Similar;
  readonly hit: SimilarHit;
  readonly served: string;
}

interface Pair {
  readonly served: string;
  readonly fresh: string;
}

async function settle(finder: Similar, { id }: SimilarHit, { similar, object }: Question, pair: Pair): Promise<void> {
  const isSame =
    normal(pair.served, object !== undefined) === normal(pair.fresh, object !== undefined)
      ? true
      : await similar?.reuse.verify?.(pair);
  if (isSame === true) await finder.confirm(id);
  else if (isSame === false) await finder.reject(id);
}

function normal(text: string, isObject: boolean): string {
  return isObject ? canonicalJson(JSON.parse(text)) : canonicalKey(text);
}

/** Whatever shapes an answer beside the prompt. */
function partitionOf(
  { tenant = "everybody", model, maxOutputTokens, object }: Question,
  { namespace = "calls", user }: NonNullable<Question["similar"]>["reuse"],
  system: string | undefined,
): SimilarPartition {
  return {
    namespace,
    scope: user === undefined ? { tenant, shared: "everybody" } : { tenant, user },
    model: model.name,
    parameters: { maxOutputTokens },
    ...(system === undefined ? {} : { system }),
    ...(object === undefined ? {} : { responseFormat: { name: object.name, schema: object.wire.json } }),
  };
}
