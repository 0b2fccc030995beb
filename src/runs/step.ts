import type { ErrorRecord } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { RetryPolicy } from "./automation.ts";
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
  run<T>(name: string, body: (info: StepInfo) => T | Promise<T>, options?: StepOptions): Promise<Stored<Awaited<T>>>;
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
}
