import { Worker } from "node:worker_threads";
import { MillraceError } from "../../core/errors.ts";
import { fromMessage, toMessage } from "./message-text.ts";
import type { Failure } from "./protocol.ts";

/**
 * Questions to a thread, and its answers in the same order. The thread keeps the process alive only while it is asked. Its first answer says
 * that it is ready.
 */
export interface ThreadChannel<Request, Answer> {
  /** `isPlain`: JSON holds all values of the request. Rejects with the thread's failure, or with STORE_FAILED when the thread is gone. */
  ask(request: Request, isPlain?: boolean): Promise<Answer>;
  isGone(): boolean;
  /** Asks it to end, with this request, and waits for the answer. */
  close(request: Request): Promise<void>;
  /** Ends the thread as it is; resolves when it is gone. */
  kill(): Promise<void>;
}

export interface ThreadOptions {
  readonly module: URL;
  readonly name: string;
  readonly workerData: unknown;
  /** What cannot be done without it, for errors. */
  readonly cannot: string;
  /** Hears of an end that nobody asked for. */
  readonly onLost: (error: Error) => void;
}

interface Waiting<Answer> {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: MillraceError) => void;
}

/** Starts the thread, and waits until it is ready. Throws what its first answer says. */
export async function openThread<Request, Answer extends { readonly kind: string }>({
  module,
  name,
  workerData,
  cannot,
  onLost,
}: ThreadOptions): Promise<ThreadChannel<Request, Answer>> {
  // Without the flags of the process: `node -e` hands down some that a thread cannot start with.
  const worker = new Worker(module, { workerData, name, execArgv: [] });
  const waiting: Waiting<Answer>[] = [];
  const ended = Promise.withResolvers<void>();
  let phase: "opening" | "open" | "closing" = "opening";
  let gone: Error | undefined;

  worker.on("message", (message: Answer | Failure | string) => {
    const answer = fromMessage<Answer | Failure>(message);
    const asked = waiting.shift();
    if (waiting.length === 0) worker.unref();
    if (isFailure(answer)) asked?.reject(toError(answer));
    else asked?.resolve(answer);
  });
  worker.on("error", (error) => lose(error instanceof Error ? error : new Error(String(error))));
  worker.on("exit", (code) => {
    ended.resolve();
    lose(new Error(phase === "closing" ? "the store is closed" : `it ended with ${code}`));
  });

  function lose(error: Error): void {
    if (gone !== undefined) return;
    gone = error;
    for (const asked of waiting.splice(0)) asked.reject(lost(gone));
    if (phase === "open") onLost(error);
  }

  function lost(cause: Error): MillraceError {
    return new MillraceError("STORE_FAILED", `${cannot}: ${cause.message}.`, { cause, isRetryable: false });
  }

  function answered(): Promise<Answer> {
    return new Promise((resolve, reject) => void waiting.push({ resolve, reject }));
  }

  function ask(request: Request, isPlain = false): Promise<Answer> {
    if (gone !== undefined) return Promise.reject(lost(gone));
    worker.ref();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker, not a window
    worker.postMessage(toMessage(request, isPlain));
    return answered();
  }

  await answered();
  phase = "open";
  return {
    ask,
    isGone: () => gone !== undefined,
    async close(request) {
      phase = "closing";
      await ask(request);
    },
    async kill() {
      phase = "closing";
      if (gone === undefined) await worker.terminate();
      await ended.promise;
    },
  };
}

function isFailure(answer: { readonly kind: string }): answer is Failure {
  return answer.kind === "failed";
}

/** What a thread reported, as an error of this one. */
export function toError({ code, message, facts, isRetryable }: Failure): MillraceError {
  return new MillraceError(code, message, { facts, isRetryable });
}
