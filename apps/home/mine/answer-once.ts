import module from "node:module";
import { parentPort, workerData } from "node:worker_threads";

/** What a thread of `askThread` is told at its start. */
export interface ThreadData {
  /** Whether the process keeps its compiled modules: a thread does not take that over by itself, and compiling costs it more than all else before it answers. */
  readonly hasCompileCache: boolean;
}

/** Answers the one question of `askThread`. `load` imports what answers it. */
export async function answerOnce<Q, A>(load: () => Promise<(question: Q) => A>): Promise<void> {
  if ((workerData as ThreadData).hasCompileCache) module.enableCompileCache();
  const answer = await load();
  // The thread is ended once it has answered, and would keep nothing then.
  module.flushCompileCache();
  parentPort?.once("message", (question: Q) => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
    parentPort?.postMessage(answer(question));
  });
}
