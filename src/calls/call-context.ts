import type { Clock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import { type Deadline, startDeadline } from "../resilience/deadline.ts";
import type { AiRun } from "./ai-run.ts";
import type { CallContext, Question, Sink } from "./pipeline.ts";
import { createTally, type Spent, type Tally } from "./tally.ts";
import type { ToldCall } from "./tell-call.ts";
import { timeoutOf } from "./to-question.ts";
import type { Trail } from "./trail.ts";

export interface CallContextsOptions {
  readonly tell: (call: ToldCall) => void;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends the work that nobody waits for. */
  readonly closing: AbortSignal;
}

interface Given {
  readonly tally?: Tally;
  readonly trail?: Trail;
  readonly sink?: Sink | undefined;
  readonly isForced?: boolean;
}

/** Makes the contexts of calls, and knows of the work that goes on behind their answers. */
export interface CallContexts {
  /** @param given Default: a tally of its own, no trail, no sink; what is kept will do. */
  create(run: AiRun, deadline: Deadline, given?: Given): CallContext;
  /** Resolves when the work that nobody waits for has ended. */
  settled(): Promise<void>;
}

export function createCallContexts({ tell, clock, log, closing }: CallContextsOptions): CallContexts {
  const behind = new Set<Promise<void>>();

  function create(run: AiRun, deadline: Deadline, given: Given = {}): CallContext {
    const { tally = createTally(), sink, trail, isForced = false } = given;
    const { id: runId, automation } = run;
    return {
      runId,
      automation,
      ...(sink === undefined ? {} : { sink }),
      ...(trail === undefined ? {} : { trail }),
      deadline,
      tally,
      isForced,
      report({ model, keep, tenant }, spent) {
        if (isNothing(spent)) return;
        tell({
          runId,
          automation,
          tenant,
          model: model.name,
          source: "provider",
          spent,
          reply: undefined,
          key: keep?.keyOf(model.name),
          ms: 0,
          isBackground: true,
        });
      },
      behind(question, work) {
        const done = workBehind(run, question, work);
        behind.add(done);
        void done.finally(() => behind.delete(done));
      },
    };
  }

  async function workBehind(
    run: AiRun,
    question: Question,
    work: (context: CallContext) => Promise<void>,
  ): Promise<void> {
    using deadline = startDeadline({ clock, ms: timeoutOf({}), signals: [closing] });
    const context = create(run, deadline);
    try {
      await work(context);
    } catch (error) {
      log.debug({ error, model: question.model.name }, "work behind an answer failed");
    } finally {
      context.report(question, context.tally.take());
    }
  }

  return {
    create,
    async settled() {
      await Promise.all(behind);
    },
  };
}

function isNothing({ requests, known }: Spent): boolean {
  return requests === 0 && known.inputTokens === 0 && known.outputTokens === 0;
}
