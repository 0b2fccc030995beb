import { Worker } from "node:worker_threads";
import { MillraceError } from "../../core/errors.ts";
import { moduleUrl } from "../../core/module-url.ts";
import { fromMessage, toMessage } from "./message-text.ts";
import type { Failure, WriterAnswer, WriterData, WriterRequest } from "./protocol.ts";

export type Answer = Exclude<WriterAnswer, Failure>;

/**
 * Questions to the writer thread, and its answers in the same order. The thread keeps the process alive only while it is asked. One that
 * dies without having been closed takes the process with it (an uncaught STORE_FAILED): nobody could store anything any more, the lock on
 * the data would be held for nothing, and the next start goes on where this one was.
 */
export interface WriterChannel {
  /** `isPlain`: JSON holds all values of the request. Rejects with the thread's failure, or with STORE_FAILED when the thread is gone. */
  ask(request: WriterRequest, isPlain?: boolean): Promise<Answer>;
  isGone(): boolean;
  /** Ends the thread. */
  close(): Promise<void>;
}

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: MillraceError) => void;
}

/** Starts the thread, and waits until it has opened the database. Throws DATA_UNUSABLE when it cannot. */
export async function openWriterChannel(workerData: WriterData): Promise<WriterChannel> {
  // Without the flags of the process: `node -e` hands down some that a thread cannot start with.
  const worker = new Worker(moduleUrl(import.meta.url, "./writer-thread"), {
    workerData,
    name: "millrace-writer",
    execArgv: [],
  });
  const waiting: Waiting[] = [];
  let phase: "opening" | "open" | "closing" = "opening";
  let gone: Error | undefined;

  worker.on("message", (message: WriterAnswer | string) => {
    const answer = fromMessage(message);
    const asked = waiting.shift();
    if (waiting.length === 0) worker.unref();
    if (answer.kind === "failed") asked?.reject(toError(answer));
    else asked?.resolve(answer);
  });
  worker.on("error", (error) => lose(error instanceof Error ? error : new Error(String(error))));
  worker.on("exit", (code) => lose(new Error(phase === "closing" ? "the store is closed" : `it ended with ${code}`)));

  function lose(error: Error): void {
    if (gone !== undefined) return;
    gone = error;
    for (const asked of waiting.splice(0)) asked.reject(cannotWrite(gone));
    if (phase !== "open") return;
    throw new MillraceError("STORE_FAILED", `The thread that writes the database has died: ${error.message}.`, {
      cause: error,
      advice: "Start Millrace again: it goes on where it was. Should this come back, report it.",
    });
  }

  function answered(): Promise<Answer> {
    return new Promise((resolve, reject) => void waiting.push({ resolve, reject }));
  }

  function ask(request: WriterRequest, isPlain = false): Promise<Answer> {
    if (gone !== undefined) return Promise.reject(cannotWrite(gone));
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
    async close() {
      phase = "closing";
      await ask({ kind: "close" });
    },
  };
}

/** What the thread reported, as an error of this thread. */
export function toError({ code, message, facts, isRetryable }: Failure): MillraceError {
  return new MillraceError(code, message, { facts, isRetryable });
}

export function cannotWrite(cause: Error): MillraceError {
  return new MillraceError("STORE_FAILED", `The store cannot write: ${cause.message}.`, { cause, isRetryable: false });
}
