import type { Cached, CacheOptions, Factory } from "../cache/cache.ts";
import type { OpenCache } from "../cache/create-cache.ts";
import type { Clock } from "../core/clock.ts";
import { MillraceError } from "../core/errors.ts";
import type { Source } from "../core/events.ts";
import type { CallUsage, SimilarQuestion } from "./ai.ts";
import { outOfTime } from "./ask-provider.ts";
import type { Ask, CallContext, Question, Reply, Stage } from "./pipeline.ts";
import { createTally } from "./tally.ts";
import { createSharedWaits, type SharedWait } from "./shared-wait.ts";

/** An answer as the cache keeps it: the whole text, and what it took. */
export interface KeptAnswer {
  readonly text: string;
  readonly model: string;
  /** `provider` for what is kept; anything else was only passed to those who waited for it. */
  readonly source: Source;
  readonly degraded: string | null;
  readonly similar: SimilarQuestion | null;
  readonly usage: CallUsage;
  readonly usd: number | null;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

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
          const reply = await next(question, { ...context, deadline, tally: bill });
          if (reply.source !== "provider") flight.skipStore();
          const { text, model, source, degraded, similar, origin } = reply;
          const { usage, usd } = origin ?? bill.total();
          return { text, model, source, degraded, similar, usage, usd, at: origin?.at ?? clock.now() };
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

  return (next) => async (question, context) => {
    const { keep } = question;
    if (keep === undefined) return await next(question, context);
    using wait = waits.enter(keep.key);
    wait.extend(context.deadline.leftMs());
    const made = making(next, question, context, wait);
    const options = { ...keep.options, signal: context.deadline.signal };
    try {
      if (context.isForced) {
        const value = await cache.refresh<KeptAnswer>(keep.key, made.factory, options);
        return made.isMine() ? toFresh(value) : toReply({ value, source: "joined", ageMs: 0, isStale: false }, null);
      }
      const cached = await cache.fetch<KeptAnswer>(keep.key, made.factory, options);
      if (made.isMine() && !cached.isStale) return toFresh(cached.value);
      // Behind an old answer that is given at once the factory runs on by itself.
      made.letRun();
      return toReply(cached, cached.isStale ? whyNot(question, wait.failure) : null);
    } catch (error) {
      made.leave();
      if (!context.deadline.isOver()) throw error;
      const old = await oldAnswer(question, keep.options, keep.key);
      if (old === undefined) throw error;
      return old;
    }
  };
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

function toFresh({ text, model, source, degraded, similar }: KeptAnswer): Reply {
  return { text, model, source, degraded, similar, origin: null };
}

/** An answer that was there, or that another call paid for. */
export function toReply({ value, source, isStale }: Cached<KeptAnswer>, degraded: string | null): Reply {
  const { text, model, usage, usd, at, similar } = value;
  const origin = { usage, usd, at };
  if (isStale) return { text, model, source: "stale", degraded: degraded ?? "It is past its time.", similar, origin };
  if (value.source !== "provider")
    return { text, model, source: value.source, degraded: value.degraded, similar, origin };
  return { text, model, source: source === "fresh" ? "joined" : toSource(source), degraded: null, similar, origin };
}

function toSource(source: Cached<unknown>["source"]): Source {
  switch (source) {
    case "memory":
    case "database":
    case "files":
    case "joined":
    case "stale":
      return source;
    case "fresh":
      throw new MillraceError("INTERNAL", "A fresh answer was taken for a kept one.");
  }
}
