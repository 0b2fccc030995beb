import { Worker } from "node:worker_threads";
import type { Clock, Timer } from "../core/clock.ts";
import { MillraceError } from "../core/errors.ts";
import { moduleUrl } from "../core/module-url.ts";
import type { CpuAnswer, CpuFailure, CpuJob } from "./cpu-thread.ts";

export interface CpuCall {
  readonly module: URL;
  readonly input: unknown;
  /** Buffers of the input that are handed over instead of copied: the caller's become empty. */
  readonly transfer?: readonly ArrayBuffer[];
  /** Its thread is ended when this fires. */
  readonly signal: AbortSignal;
}

/** Threads for work that would hold up the event loop. Each starts when there is work for it, and ends after a while without. */
export interface CpuPool {
  /**
   * Calls the `run` that a module exports with the input, on a thread. Rejects with what that threw, with the signal's reason, or with
   * STEP_FAILED when the thread died. Those that find no thread free wait, their input untouched; where `mostWaiting` do
   * already it rejects with CAPACITY_REACHED, to be tried again.
   */
  run(call: CpuCall): Promise<unknown>;
  /** Threads that are alive, for tests and metrics. */
  readonly threads: number;
  /** Ends all threads; what they work on rejects. */
  close(): Promise<void>;
}

export interface CpuPoolOptions {
  readonly clock: Clock;
  /** Threads at most. Default 4. */
  readonly size?: number;
  /** Calls that may wait for a thread; each holds its input. Default 1,000. */
  readonly mostWaiting?: number;
  /** How long a thread is kept without work, in milliseconds. Default 30 000. */
  readonly idleMs?: number;
}

interface Thread {
  readonly worker: Worker;
  job: PromiseWithResolvers<unknown> | undefined;
  idle: Timer | undefined;
}

export function createCpuPool({ clock, size = 4, mostWaiting = 1_000, idleMs = 30_000 }: CpuPoolOptions): CpuPool {
  const threads = new Set<Thread>();
  const waiting: (() => void)[] = [];
  let working = 0;
  let isClosed = false;

  function startThread(): Thread {
    const worker = new Worker(moduleUrl(import.meta.url, "./cpu-thread"), { name: "millrace-cpu", execArgv: flags() });
    const thread: Thread = { worker, job: undefined, idle: undefined };
    threads.add(thread);
    worker.on("message", (answer: CpuAnswer) => {
      const { job } = thread;
      thread.job = undefined;
      worker.unref();
      if (answer.kind === "done") job?.resolve(answer.value);
      else job?.reject(toError(answer.error));
    });
    worker.on("error", (error) => lose(thread, died(error)));
    worker.on("exit", (code) => lose(thread, died(new Error(`it ended with code ${code}`))));
    return thread;
  }

  function lose(thread: Thread, error: Error): void {
    threads.delete(thread);
    thread.idle?.cancel();
    thread.job?.reject(error);
    thread.job = undefined;
  }

  function freeThread(): Thread {
    const free = [...threads].find(({ job }) => job === undefined) ?? startThread();
    free.idle?.cancel();
    return free;
  }

  async function end(thread: Thread, error: Error): Promise<void> {
    lose(thread, error);
    await thread.worker.terminate();
  }

  /** Waits for a place: whoever leaves hands his over. */
  async function enter(signal: AbortSignal): Promise<void> {
    if (working < size) {
      working += 1;
      return;
    }
    if (waiting.length >= mostWaiting) throw full(mostWaiting);
    const place = Promise.withResolvers<void>();
    waiting.push(place.resolve);
    const giveUp = (): void => {
      const index = waiting.indexOf(place.resolve);
      if (index < 0) return;
      waiting.splice(index, 1);
      place.reject(signal.reason);
    };
    signal.addEventListener("abort", giveUp, { once: true });
    await place.promise.finally(() => signal.removeEventListener("abort", giveUp));
  }

  function leave(): void {
    const next = waiting.shift();
    if (next === undefined) working -= 1;
    else next();
  }

  async function execute({ module, input, transfer = [], signal }: CpuCall): Promise<unknown> {
    signal.throwIfAborted();
    if (isClosed) throw closed();
    const thread = freeThread();
    const job = Promise.withResolvers<unknown>();
    thread.job = job;
    // A thread that does not look at any signal can be stopped by its end only.
    const stop = (): void => void end(thread, signal.reason instanceof Error ? signal.reason : closed());
    signal.addEventListener("abort", stop, { once: true });
    try {
      thread.worker.ref();
      thread.worker.postMessage({ module: module.href, input } satisfies CpuJob, [...transfer]);
      return await job.promise;
    } catch (error) {
      if (thread.job === job) thread.job = undefined; // It could not be handed over.
      throw error;
    } finally {
      signal.removeEventListener("abort", stop);
      if (threads.has(thread) && thread.job === undefined) {
        thread.worker.unref();
        thread.idle = clock.after(idleMs, () => void end(thread, closed()));
      }
    }
  }

  return {
    async run(call) {
      await enter(call.signal);
      try {
        return await execute(call);
      } finally {
        leave();
      }
    },
    get threads() {
      return threads.size;
    },
    async close() {
      isClosed = true;
      await Promise.all([...threads].map((thread) => end(thread, closed())));
    },
  };
}

/** Conditions of module resolution are wanted; what only a main thread can take would keep it from starting. */
function flags(): string[] {
  return process.execArgv.filter((flag) => flag.startsWith("--conditions") || flag.startsWith("-C"));
}

function toError({ name, message, ...facts }: CpuFailure): Error {
  const error = Object.assign(new Error(message), facts);
  error.name = name;
  return error;
}

function died(cause: Error): MillraceError {
  return new MillraceError("STEP_FAILED", `The thread that worked on it died: ${cause.message}.`, { cause });
}

function full(mostWaiting: number): MillraceError {
  return new MillraceError("CAPACITY_REACHED", `${mostWaiting} steps wait for a thread already.`, {
    facts: { mostWaiting },
    advice: "Ask for fewer at once: `concurrency` on the automation bounds its runs; larger pieces need fewer steps.",
    isRetryable: true,
  });
}

function closed(): MillraceError {
  return new MillraceError("CALL_ABORTED", "Millrace is stopping; the run goes on at the next start.");
}
