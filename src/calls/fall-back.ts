import { type ErrorCode, MillraceError } from "../core/errors.ts";
import { ModelFailure } from "../model/failure.ts";
import { fallback } from "../resilience/fallback.ts";
import type { AnswerShelf } from "./answer-shelf.ts";
import type { ModelRef, Models } from "./models.ts";
import type { Ask, CallContext, Question, Reply, Stage } from "./pipeline.ts";
import { spentSince } from "./tally.ts";

export interface FallBackOptions {
  readonly models: Pick<Models, "find">;
  /** Names of those who stand in for a model, in turn. */
  readonly candidatesOf: (question: Question) => readonly string[];
  /** Where an answer of a stand-in is found and kept, under its own name. Undefined: nowhere. */
  readonly shelf: AnswerShelf | undefined;
  /** Longest wait for a first byte while somebody else could be asked, in milliseconds. */
  readonly firstByteMs: number;
  /** Says why the model that was asked did not answer. */
  readonly whyNot: (question: Question, failure: unknown) => string;
}

/**
 * Asks another model when the one that was meant cannot answer and the other may: not after a refusal, a mistake in the request, or money that
 * is spent. The answer bears the name of who gave it and says why.
 */
export function fallBack({ models, candidatesOf, shelf, firstByteMs, whyNot }: FallBackOptions): Stage {
  async function standIn(next: Ask, question: Question, context: CallContext): Promise<Reply> {
    const known = await shelf?.find(question, context);
    if (known !== undefined) return known;
    const before = context.tally.total();
    const reply = await next(question, context);
    await shelf?.put(question, reply, spentSince(before, context.tally.total()));
    return reply;
  }

  async function askInTurn(
    next: Ask,
    question: Question,
    context: CallContext,
    names: readonly string[],
  ): Promise<Reply> {
    const candidates: readonly (ModelRef | string)[] = [question.model, ...names];
    const { deadline } = context;
    let asking = question.model;
    const { value, failed } = await fallback(
      candidates,
      async (candidate, index) => {
        const model = typeof candidate === "string" ? await models.find(candidate, deadline.signal) : candidate;
        asking = model;
        const isLast = index === candidates.length - 1;
        const patience = isLast ? {} : { firstByteMs: Math.min(firstByteMs, deadline.leftMs() / 2) };
        const asked = { ...question, model, ...patience };
        return await (index === 0 ? next(asked, context) : standIn(next, asked, context));
      },
      {
        nameOf: (candidate) => (typeof candidate === "string" ? candidate : candidate.name),
        canHelp: (error, candidate) =>
          typeof candidate === "string" && canHelp(error, { candidate, failed: asking, context }),
        signal: deadline.signal,
      },
    );
    const [first] = failed;
    if (first === undefined) return value;
    return { ...value, source: "fallback", degraded: whyNot(question, first.error) };
  }

  return (next) => (question, context) => askInTurn(next, question, context, candidatesOf(question));
}

const HELPED: ReadonlySet<ErrorCode> = new Set([
  "BREAKER_OPEN",
  "RATE_LIMITED",
  "QUEUE_FULL",
  "CALL_FAILED",
  "MODEL_UNKNOWN",
]);

interface Help {
  readonly candidate: string;
  readonly failed: ModelRef;
  readonly context: CallContext;
}

function canHelp(error: unknown, { candidate, failed, context }: Help): boolean {
  // What was passed on cannot be taken back.
  if (context.sink?.hasPassedOn() === true) return false;
  if (error instanceof MillraceError) return HELPED.has(error.code);
  if (!(error instanceof ModelFailure)) return false;
  switch (error.next) {
    case "never":
      return false;
    case "other-provider":
      return !candidate.startsWith(`${failed.provider}/`);
    case "larger-window":
    case "if-held":
    case "yes":
      return true;
  }
}
