import module from "node:module";
import { Worker } from "node:worker_threads";
import { MillraceError } from "millrace";
import type { ThreadData } from "./answer-once.ts";

export interface AskThreadParams<Q> {
  /** Of the module that answers, by `answerOnce`. */
  readonly url: URL;
  readonly name: string;
  /** Asked for while the thread starts. */
  readonly question: () => Q | Promise<Q>;
  /** What of the question is handed over instead of copied: it is empty afterwards. */
  readonly transfer: (question: Q) => readonly ArrayBufferLike[];
  readonly signal?: AbortSignal | undefined;
}

/** Has one question answered on a thread of its own. Rejects with the signal's reason once it is aborted, after the thread has ended. */
export async function askThread<Q, A>({ url, name, question, transfer, signal }: AskThreadParams<Q>): Promise<A> {
  signal?.throwIfAborted();
  const workerData: ThreadData = { hasCompileCache: module.getCompileCacheDir() !== undefined };
  const worker = new Worker(url, { name, workerData });
  const { promise, resolve, reject } = Promise.withResolvers<A>();
  const stop = (): void => reject(signal?.reason);
  signal?.addEventListener("abort", stop, { once: true });
  worker.once("message", resolve);
  worker.once("error", reject);
  worker.once("exit", (code) =>
    reject(new MillraceError("INTERNAL", `The thread ${name} ended early, with code ${code}.`)),
  );
  async function ask(): Promise<void> {
    const asked = await question();
    worker.postMessage(
      asked,
      transfer(asked).filter((buffer) => buffer instanceof ArrayBuffer),
    );
  }
  ask().catch(reject);
  try {
    return await promise;
  } finally {
    signal?.removeEventListener("abort", stop);
    await worker.terminate();
  }
}
