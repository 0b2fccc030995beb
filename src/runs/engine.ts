import type { RunRecord, RunStatus } from "../store/store.ts";

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
  )[];
}

export interface StartedRun {
  readonly runId: string;
  /** False: an earlier run answers, because its idempotency key is the same or, with `join`, because it is unfinished. */
  readonly isNew: boolean;
}

/** Executes automations on a store. Created by `createEngine`. */
export interface Engine {
  /**
   * Owner: recovers what a dead process left, then claims, fires schedules, executes. Guest (another process owns the data): executes
   * nothing, admits only, and becomes the owner when the other one goes.
   */
  start(): Promise<"owner" | "guest">;
  /**
   * Starts a run by hand. Throws AUTOMATION_UNKNOWN with the known names, INPUT_INVALID with every mistake of `input` by its pointer.
   * `key` is the idempotency key; `join` answers with an unfinished run of the same automation and input when there is one.
   */
  trigger(
    name: string,
    input?: unknown,
    options?: { readonly key?: string; readonly join?: boolean },
  ): Promise<StartedRun>;
  /** Resolves when the run has ended, whoever executes it. Throws RUN_UNKNOWN. */
  ended(
    runId: string,
    signal?: AbortSignal,
  ): Promise<RunRecord & { readonly status: Extract<RunStatus, "done" | "failed" | "canceled"> }>;
  /** Throws RUN_UNKNOWN, or RUN_STATE when it has ended. */
  cancel(runId: string): Promise<void>;
  /** Queues a failed or canceled run again, keeping its finished steps. Throws RUN_UNKNOWN or RUN_STATE. */
  retry(runId: string): Promise<void>;
  /** Progress of the maps in flight in this process; empty for a run that is not executed here. */
  progress(runId: string): readonly StepProgress[];
  automations(): Promise<readonly AutomationInfo[]>;
  /** Stops claiming, gives steps 10 s, aborts what is left (it is queued again at the next start), releases. */
  close(): Promise<void>;
}
