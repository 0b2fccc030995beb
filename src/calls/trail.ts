import type { Clock } from "../core/clock.ts";
import { MillraceError } from "../core/errors.ts";
import { ModelFailure } from "../model/failure.ts";
import type { Question, Stage } from "./pipeline.ts";

/** A stage that a call went through. A later stage lies within an earlier one that waited for it. */
export interface TrailStep {
  readonly stage: string;
  /** Who was asked. */
  readonly model: string;
  /** Milliseconds since the call began. */
  readonly fromMs: number;
  readonly toMs: number;
  /** The source of the answer that came out of it, or the code or kind of its failure. */
  readonly outcome: string;
  readonly isFailure: boolean;
}

/** Remembers which stages a call went through. */
export interface Trail {
  /** A stage begins; call what it returns when it ends. */
  enter(stage: string, model: string): (outcome: string, isFailure: boolean) => void;
  /** Those that have ended, in the order in which they began. */
  steps(): readonly TrailStep[];
}

/** A call that was tried again and again has more; its first ones are kept. */
const MOST_STEPS = 60;

/** Creates the trail of a call that begins now. */
export function createTrail(clock: Clock): Trail {
  const startedAt = clock.monotonic();
  const steps: (TrailStep | undefined)[] = [];
  const sinceStart = (): number => Math.round((clock.monotonic() - startedAt) * 10) / 10;
  return {
    enter(stage, model) {
      const fromMs = sinceStart();
      const place = steps.length < MOST_STEPS ? steps.push(undefined) - 1 : MOST_STEPS;
      return (outcome, isFailure) => {
        if (place < MOST_STEPS) steps[place] = { stage, model, fromMs, toMs: sinceStart(), outcome, isFailure };
      };
    },
    steps: () => steps.filter((step) => step !== undefined),
  };
}

/** Whether a stage has anything to do with a call. */
export type Concerns = (question: Question) => boolean;

/** Lets a stage leave its mark on the trail of each call that it has to do with; the others pass it by. */
export function marked(name: string, stage: Stage, concerns?: Concerns): Stage {
  return (next) => {
    const ask = stage(next);
    return (question, context) => {
      if (concerns?.(question) === false) return next(question, context);
      const end = context.trail?.enter(name, question.model.name);
      const asking = ask(question, context);
      if (end !== undefined)
        void asking.then(
          ({ source }) => end(source, false),
          (error: unknown) => end(failureOf(error), true),
        );
      return asking;
    };
  };
}

function failureOf(error: unknown): string {
  if (error instanceof ModelFailure) return error.kind;
  return error instanceof MillraceError ? error.code : "ended";
}
