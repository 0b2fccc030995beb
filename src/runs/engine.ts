import type { RecordOptions } from "../core/audit.ts";
import type { RunRecord, RunStatus } from "../store/store.ts";
import type { EventType } from "./event-type.ts";
import type { Webhooks } from "./webhook/webhooks.ts";

/** How far a step.map of a running run has come. */
export interface StepProgress {
  readonly step: string;
  readonly done: number;
  readonly failed: number;
  readonly total: number;
}

export interface AutomationInfo {
  readonly name: string;
  readonly description: string;
  readonly triggers: readonly (
    | { readonly kind: "cron"; readonly expression: string; readonly timezone: string; readonly nextAt: number | null }
    | { readonly kind: "manual" }
    | { readonly kind: "event"; readonly name: string }
    | { readonly kind: "file"; readonly glob: string }
    | { readonly kind: "webhook"; readonly path: string; readonly isSigned: boolean }
  )[];
}

/** What became of an event. */
export interface Emitted {
  readonly id: string;
  /** False: an event of this id was emitted before, and nothing was done. */
  readonly isNew: boolean;
  /** The runs that it started or joined. */
  readonly runs: readonly StartedRun[];
}

export interface StartedRun {
  readonly runId: string;
  /**
   * False: an earlier run answers, because its idempotency key is the same, because it holds on for events to come (debounce, batch) or,
   * with `join`, because it is unfinished.
   */
  readonly isNew: boolean;
}

/** Why a run stands where it stands. */
export interface Explanation {
  readonly runId: string;
  readonly automation: string;
  readonly status: RunStatus;
  /** In whole sentences, the most important first. */
  readonly why: readonly string[];
  /** What somebody may do about it; empty when nothing need be done. */
  readonly advice: readonly string[];
}

/** Executes automations on a store. Created by `createEngine`. */
export interface Engine {
  /**
   * Owner: recovers what a dead process left, then claims, fires schedules, executes. Guest (another process owns the data): executes
   * nothing, admits only, and becomes the owner when the other one goes.
   */
  start(): Promise<"owner" | "guest">;
  /**
   * Starts a run by hand. Throws AUTOMATION_UNKNOWN with the known names, INPUT_INVALID with every mistake of `input` by its pointer,
   * RATE_LIMITED when the automation's rate drops it.
   * `key` is the idempotency key; `join` answers with an unfinished run of the same automation and input when there is one.
   */
  trigger(
    name: string,
    input?: unknown,
    options?: { readonly key?: string; readonly join?: boolean },
  ): Promise<StartedRun>;
  /**
   * Starts a run by what a trigger of another kind saw: a changed file, a request. `data` are stored as they are; whoever delivers has
   * checked them. Throws as `trigger` does.
   */
  deliver(
    name: string,
    event: { readonly type: string; readonly data: unknown },
    options?: { readonly key?: string },
  ): Promise<StartedRun>;
  /**
   * Emits an event: stores it, starts what it triggers, wakes the runs that wait for it, in one transaction. Under a known `id` nothing is
   * done. Throws INPUT_INVALID with every mistake of the data.
   */
  emit<Data>(type: EventType<string, Data>, data: NoInfer<Data>, options?: { readonly id?: string }): Promise<Emitted>;
  /** The same for an event that is known by its name only: of the automations' triggers and `waits`. Throws NOT_FOUND with the known names. */
  emitNamed(name: string, data: unknown, options?: { readonly id?: string }): Promise<Emitted>;
  /** Resolves when the run has ended, whoever executes it. Throws RUN_UNKNOWN. */
  ended(
    runId: string,
    signal?: AbortSignal,
  ): Promise<RunRecord & { readonly status: Extract<RunStatus, "done" | "failed" | "canceled"> }>;
  /**
   * One with compensations runs on until they are through. Throws RUN_UNKNOWN, or RUN_STATE when it has ended or is being undone.
   */
  cancel(runId: string, options?: RecordOptions): Promise<void>;
  /**
   * Queues a failed or canceled run again, keeping its finished steps, for the code as it is now. With `from` also a done one; that step and
   * what ended after it began are done again. Throws RUN_UNKNOWN or RUN_STATE, and INPUT_INVALID for a step that it has not.
   */
  retry(runId: string, options?: RecordOptions & { readonly from?: string }): Promise<void>;
  /** The id of the run that an automation has under an idempotency key. Throws RUN_UNKNOWN. */
  runOf(automation: string, key: string): Promise<string>;
  /** Tells in words why a run stands where it stands, and what to do. Throws RUN_UNKNOWN. */
  explain(runId: string): Promise<Explanation>;
  /** Progress of the maps in flight in this process; empty for a run that is not executed here. */
  progress(runId: string): readonly StepProgress[];
  automations(): Promise<readonly AutomationInfo[]>;
  /** Where deliveries of webhooks come in. */
  readonly webhooks: Webhooks;
  /** Stops claiming, gives steps 10 s, aborts what is left (it is queued again at the next start), releases. */
  close(): Promise<void>;
}
