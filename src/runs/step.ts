import type { Duration } from "../core/duration.ts";
import type { ErrorRecord } from "../core/errors.ts";
import type { Json } from "../core/json.ts";
import type { Log } from "../core/log.ts";
import type { Statement } from "../store/store.ts";
import type { Automation, RetryPolicy } from "./automation.ts";
import type { EventType } from "./event-type.ts";
import type { Stored } from "./stored.ts";

/** What a step's body is handed. */
export interface StepInfo {
  /** Fires when the run is canceled, its claim is lost, the step's time is up, or the process shuts down. */
  readonly signal: AbortSignal;
  /** The same for every attempt of this step in this run: hand it to whoever must do a thing once. */
  readonly idempotencyKey: string;
  readonly attempt: number;
  readonly log: Log;
}

export interface StepOptions {
  /** Default: the automation's. */
  readonly retry?: RetryPolicy;
  /** Longest time one attempt may take, in milliseconds. Default: none. */
  readonly timeoutMs?: number;
}

export interface RunOptions<Result> extends StepOptions {
  /**
   * Undoes the step when the run fails or is canceled: called with the step's stored result, in reverse order of what was done, after
   * the automation's own function has ended. Tried again like a step; its success is stored, so it is not done twice. A step that was in
   * flight when the run was canceled has no result, and is not undone.
   */
  readonly compensate?: (result: Result, info: StepInfo) => unknown;
}

export interface WaitOptions<Data> {
  readonly for: EventType<string, Data>;
  /** Only events whose own `match` is this text. Default: any. Found by an index. */
  readonly match?: string;
  /** Only events for which this holds; asked of those that `match` left. */
  readonly where?: (data: Data) => boolean;
  /** How long it waits; then it gives null. Default: `retention.waits`, a year. */
  readonly timeout?: Duration;
}

/** What `step.tx` writes, and what it gives. */
export interface Transaction<Result> {
  readonly write: readonly Statement[];
  /** Default null. */
  readonly result?: Result;
}

export interface CpuOptions<Result> extends RunOptions<Result> {
  /** Buffers of the input that are handed over instead of copied; a second attempt would find them empty, so there is none. */
  readonly transfer?: readonly ArrayBuffer[];
}

export interface MapOptions<T> extends StepOptions {
  /** How many items are worked on at once. Default 5. */
  readonly parallel?: number;
  /** Names an item for the memo; unique among the items. Default: its index. */
  readonly key?: (item: T, index: number) => string;
}

export interface MapResult<T, R> {
  /** Results in the order of their items, without the failed ones. */
  readonly done: readonly R[];
  readonly failed: readonly { readonly item: T; readonly index: number; readonly error: ErrorRecord }[];
}

/** Durable parts of a run. A body runs at least once; its result is stored once and never computed again. */
export interface Step {
  /** Runs a body once and stores what it returns (as JSON). After a crash the stored result is given without running it. */
  run<T>(
    name: string,
    body: (info: StepInfo) => T | Promise<T>,
    options?: RunOptions<Stored<Awaited<T>>>,
  ): Promise<Stored<Awaited<T>>>;
  /**
   * Runs a body for each item as a true pool, and stores item by item: after a crash only items without a result are worked on.
   * An item whose attempts are used up does not fail the others.
   */
  map<T, R>(
    name: string,
    items: readonly T[],
    body: (item: T, info: StepInfo) => R | Promise<R>,
    options?: MapOptions<T>,
  ): Promise<MapResult<T, Stored<Awaited<R>>>>;
  /**
   * Calls the function `run` that a module exports with an input, on one of a few threads: for work that would hold up everything else.
   * The input is copied (structured clone), except for the buffers in `transfer`; the result is stored as JSON, like any step's. Its
   * timeout, and a cancelation, end the thread, whatever it is doing. Give the module as `new URL("./resize.ts", import.meta.url)`.
   */
  cpu<Result = Json>(name: string, module: URL, input: unknown, options?: CpuOptions<Result>): Promise<Result>;
  /** Waits without holding a slot: for a time (`2h`, milliseconds), or until an instant. Survives restarts. */
  sleep(name: string, until: Duration | Date): Promise<null>;
  /**
   * Waits for an event without holding a slot, and gives its data; null after the timeout. It sees every event since the run began, so
   * none comes too early; an event satisfies one wait of a run.
   */
  wait<Data>(name: string, options: WaitOptions<Data>): Promise<Data | null>;
  /** Emits an event, once: it starts the automations that it triggers, and wakes the runs that wait for it. */
  send<Data>(name: string, type: EventType<string, Data>, data: NoInfer<Data>): Promise<{ readonly id: string }>;
  /**
   * Starts another automation by its manual trigger, once, and waits for its result without holding a slot. Throws CALLED_FAILED when
   * that run fails or is canceled. Canceling this run leaves the other one alone.
   */
  call<Result>(
    name: string,
    automation: Automation<never, Result> | Automation<unknown, Result>,
    input?: unknown,
  ): Promise<Result>;
  call(name: string, automation: string, input?: unknown): Promise<Json>;
  /**
   * Writes to the store's own database in the transaction that stores the step: exactly once. Fails with STEP_REFUSED when a statement
   * changes fewer rows than its `atLeast`, and then nothing is written.
   */
  tx<T = null>(
    name: string,
    body: (info: StepInfo) => Transaction<T> | Promise<Transaction<T>>,
    options?: RunOptions<Stored<Awaited<T>>>,
  ): Promise<Stored<Awaited<T>>>;
}
