import type { Cached } from "../cache/cache.ts";
import type { OpenCache } from "../cache/create-cache.ts";
import type { Policies } from "../cache/policies.ts";
import type { Clock } from "../core/clock.ts";
import { MillraceError } from "../core/errors.ts";
import type { Source } from "../core/events.ts";
import type { CallUsage, SimilarQuestion } from "./ai.ts";
import type { Pace } from "./pace.ts";
import type { CallContext, Question, Reply } from "./pipeline.ts";
import type { Spent } from "./tally.ts";

/** An answer as the cache keeps it: the whole text, and what it took. */
export interface KeptAnswer {
  readonly text: string;
  readonly model: string;
  /** `provider` for what is kept; anything else was only passed to those who waited for it. */
  readonly source: Source;
  readonly degraded: string | null;
  readonly similar: SimilarQuestion | null;
  /** When its content came, for one that was made as a stream. */
  readonly pace?: Pace;
  /** Whether it was there before, under another key. */
  readonly wasKept: boolean;
  readonly usage: CallUsage;
  readonly usd: number | null;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Whole answers of the model that was asked; nothing that is only good enough for now. */
export function isKeepable({ source, degraded, origin, isForNow = false }: Reply): boolean {
  return source === "provider" && degraded === null && origin === null && !isForNow;
}

export function keptOf(
  { origin, whole: _whole, ...reply }: Reply,
  spent: Pick<Spent, "usage" | "usd">,
  now: number,
): KeptAnswer {
  const { usage, usd, at } = origin ?? { ...spent, at: now };
  return { ...reply, wasKept: origin !== null, usage, usd, at };
}

/** An answer that was made for this call. */
export function toFresh({ usage, usd, at, wasKept, pace: _pace, ...reply }: KeptAnswer): Reply {
  return { ...reply, origin: wasKept ? { usage, usd, at } : null };
}

/** An answer that was there, or that another call paid for. */
export function toReply({ value, source, isStale }: Cached<KeptAnswer>, degraded: string | null): Reply {
  const { usage, usd, at, wasKept: _wasKept, pace, ...reply } = value;
  const origin = { usage, usd, at };
  if (isStale)
    return { ...reply, ...paced(pace), source: "stale", degraded: degraded ?? "It is past its time.", origin };
  if (value.source !== "provider") return { ...reply, origin };
  const from = source === "fresh" ? "joined" : toSource(source);
  // Whoever joined has waited for it already.
  return { ...reply, ...(from === "joined" ? {} : paced(pace)), source: from, origin };
}

function paced(pace: Pace | undefined): Pick<KeptAnswer, "pace"> {
  return pace === undefined ? {} : { pace };
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

/** Where answers are found and put one by one, without waiting for others who ask the same. */
export interface AnswerShelf {
  /** What memory holds, without waiting: the hot path. */
  peek(question: Question): Reply | undefined;
  find(question: Question, context: CallContext): Promise<Reply | undefined>;
  put(question: Question, reply: Reply, spent: Pick<Spent, "usage" | "usd">): Promise<void>;
}

export interface AnswerShelfOptions {
  readonly cache: OpenCache;
  readonly clock: Clock;
  readonly policies: Pick<Policies, "isStrict">;
}

export function createAnswerShelf({ cache, clock, policies }: AnswerShelfOptions): AnswerShelf {
  return {
    peek({ keep, model, similar }) {
      if (keep === undefined || similar !== undefined || policies.isStrict(keep.options)) return undefined;
      const value = cache.peek<KeptAnswer>(keep.keyOf(model.name));
      return value === undefined ? undefined : toReply({ value, source: "memory", ageMs: 0, isStale: false }, null);
    },
    async find({ keep, model }, { deadline, isForced }) {
      if (keep === undefined || isForced) return undefined;
      const options = { ...keep.options, signal: deadline.signal };
      const found = await cache.get<KeptAnswer>(keep.keyOf(model.name), options);
      return found === undefined || found.isStale ? undefined : toReply(found, null);
    },
    async put({ keep, model }, reply, spent) {
      if (keep === undefined || !isKeepable(reply)) return;
      await cache.set(keep.keyOf(model.name), keptOf(reply, spent, clock.now()), keep.options);
    },
  };
}
