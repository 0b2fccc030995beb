import type { CacheOptions, Factory } from "../cache/cache.ts";
import type { OpenCache } from "../cache/create-cache.ts";
import type { Clock } from "../core/clock.ts";
import { isErrorCode, MillraceError } from "../core/errors.ts";
import { isKeepable, type KeptAnswer, keptOf, toFresh, toReply } from "./answer-shelf.ts";
import { outOfTime } from "./ask-provider.ts";
import type { Ask, CallContext, Question, Reply, Stage } from "./pipeline.ts";
import { createTally } from "./tally.ts";
import { createSharedWaits, type SharedWait } from "./shared-wait.ts";

export interface KeepAnswersOptions {
  readonly cache: OpenCache;
  readonly clock: Clock;
  /** Says in words why there is no fresh answer. */
  readonly whyNot: (question: Question, failure: unknown) => string;
}

/**
 * Answers from what is kept, and keeps what a provider answered: whole answers only, never errors, rules or another model's. Whoever asks
 * the same at the same time waits for the same answer, in every process; a failure is one for all of them. One who stops waiting stops for
 * himself alone. When there is no fresh answer, an old one within its grace is given, and says why.
 */
export function keepAnswers({ cache, clock, whyNot }: KeepAnswersOptions): Stage {
  const waits = createSharedWaits(clock);

  /** Makes the answer for whoever asked first. What it costs goes on his bill, unless he has left: then it is told by itself. */
  function making(next: Ask, question: Question, context: CallContext, wait: SharedWait): Making {
    const bill = createTally();
    let state: "idle" | "running" | "ended" = "idle";
    let isAwaited = true;
    return {
      async factory(flight) {
        state = "running";
        using deadline = wait.startWork(context.deadline.leftMs(), [flight.signal]);
        try {
          const reply = await next(question, {
            ...context,
            deadline,
            tally: bill,
            ...(context.sink && { sink: wait.sink }),
          });
          if (!isKeepable(reply)) flight.skipStore();
          return keptOf(reply, bill.total(), clock.now());
        } catch (error) {
          wait.failure = error;
          throw error;
        } finally {
          state = "ended";
          if (isAwaited) context.tally.add(bill.take());
          else context.report(question, bill.take());
        }
      },
      isMine: () => state === "ended",
      leave() {
        isAwaited = false;
        if (state === "running") context.tally.add(bill.take());
      },
      letRun: () => void (isAwaited = false),
    };
  }

  async function oldAnswer(question: Question, options: CacheOptions, key: string): Promise<Reply | undefined> {
    const { signal: _signal, ...lookup } = options;
    const found = await cache.get<KeptAnswer>(key, lookup);
    if (found === undefined) return undefined;
    return toReply(found, found.isStale ? whyNot(question, outOfTime()) : null);
  }

  return (next) =>
    async function answer(question, context): Promise<Reply> {
      const { keep } = question;
      if (keep === undefined) return await next(question, context);
      const key = keep.keyOf(question.model.name);
      if (keep.isOnly === true) {
        const kept = await oldAnswer(question, { ...keep.options, signal: context.deadline.signal }, key);
        if (kept !== undefined) return kept;
        throw new MillraceError("NOT_KEPT", `No answer of ${question.model.name} to this question is kept.`);
      }
      using wait = waits.enter(key);
      wait.extend(context.deadline.leftMs());
      if (context.sink !== undefined) wait.listen(context.sink);
      const made = making(next, question, context, wait);
      const options = { ...keep.options, signal: context.deadline.signal };
      try {
        if (context.isForced) {
          const value = await cache.refresh<KeptAnswer>(key, made.factory, options);
          return made.isMine() ? toFresh(value) : toReply({ value, source: "joined", ageMs: 0, isStale: false }, null);
        }
        const cached = await cache.fetch<KeptAnswer>(key, made.factory, options);
        if (made.isMine() && !cached.isStale) return toFresh(cached.value);
        // Behind an old answer that is given at once the factory runs on by itself.
        made.letRun();
        return toReply(cached, cached.isStale ? whyNot(question, wait.failure) : null);
      } catch (error) {
        made.leave();
        // Whoever asked first had no money left: whoever joined has a budget of his own.
        if (!made.isMine() && isOfAnotherBudget(error, context)) return await answer(question, context);
        if (!context.deadline.isOver()) throw error;
        const old = await oldAnswer(question, keep.options, key);
        if (old === undefined) throw error;
        return old;
      }
    };
}

function isOfAnotherBudget(error: unknown, { automation }: CallContext): boolean {
  if (!isErrorCode(error, "BUDGET_SPENT")) return false;
  const { owner } = error.facts;
  return String(owner).startsWith("automation ") && owner !== `automation ${automation ?? ""}`;
}

interface Making {
  readonly factory: Factory<KeptAnswer>;
  /** Whether it ran for this call, to its end. */
  readonly isMine: () => boolean;
  /** The call goes without the answer: what is spent so far is on its bill. */
  readonly leave: () => void;
  /** The call has another answer, and this one is made all the same. */
  readonly letRun: () => void;
}
