import { type MessagePort, parentPort } from "node:worker_threads";

/* A thread of the pool: it loads the module that it is told, calls its `run`, and answers with what that gives. Each job gets exactly one
   answer, in order. */

export interface CpuJob {
  /** The module's address. */
  readonly module: string;
  readonly input: unknown;
}

export type CpuAnswer =
  | { readonly kind: "done"; readonly value: unknown }
  | { readonly kind: "failed"; readonly error: CpuFailure };

/** What was thrown, as data: an error's own fields do not all survive the way to another thread. */
export interface CpuFailure {
  readonly message: string;
  readonly name: string;
  readonly code?: string;
  readonly isRetryable?: boolean;
  readonly retryAfterMs?: number;
}

if (parentPort !== null) {
  const port = parentPort;
  port.on("message", (job: CpuJob) => void work(port, job));
}

async function work(port: MessagePort, job: CpuJob): Promise<void> {
  const answer = await answerTo(job);
  try {
    port.postMessage(answer);
  } catch (error) {
    // What cannot be cloned, such as a function.
    port.postMessage({ kind: "failed", error: toFailure(error) } satisfies CpuAnswer);
  }
}

async function answerTo({ module, input }: CpuJob): Promise<CpuAnswer> {
  try {
    const loaded = (await import(module)) as { readonly run?: unknown };
    if (typeof loaded.run !== "function") throw new TypeError(`${module} exports no function "run"`);
    return { kind: "done", value: (await loaded.run(input)) as unknown };
  } catch (error) {
    return { kind: "failed", error: toFailure(error) };
  }
}

function toFailure(error: unknown): CpuFailure {
  if (!(error instanceof Error)) return { name: "Error", message: String(error) };
  const { code, isRetryable, retryAfterMs } = error as {
    code?: unknown;
    isRetryable?: unknown;
    retryAfterMs?: unknown;
  };
  return {
    name: error.name,
    message: error.message,
    ...(typeof code === "string" ? { code } : {}),
    ...(typeof isRetryable === "boolean" ? { isRetryable } : {}),
    ...(typeof retryAfterMs === "number" ? { retryAfterMs } : {}),
  };
}
