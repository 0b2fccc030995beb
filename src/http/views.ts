import type { AutomationInfo, StepProgress } from "../runs/engine.ts";
import type { RunRecord, StepRecord } from "../store/store.ts";
import type { AutomationView, RunDetail, RunSummary, StepView } from "./api.ts";

/** What waits without an end is stored with the latest instant that a date can hold. */
const FOR_EVER = 8_640_000_000_000_000;
/** Results above this are left out of a run's page; their size is told instead. */
const LONGEST_OUTPUT_BYTES = 16_384;

export interface RunContext {
  /** Milliseconds since the epoch: what "until now" means. */
  readonly now: number;
  readonly progress: readonly StepProgress[];
}

export function toRunSummary(run: RunRecord, { now, progress }: RunContext): RunSummary {
  return {
    id: run.id,
    automation: run.automation,
    status: run.status,
    createdAt: toIso(run.createdAt),
    startedAt: toIsoOrNull(run.startedAt),
    endedAt: toIsoOrNull(run.endedAt),
    ms: run.startedAt === null ? null : Math.max(0, (run.endedAt ?? now) - run.startedAt),
    error: run.error,
    progress,
  };
}

export function toRunDetail(run: RunRecord, steps: readonly StepRecord[], context: RunContext): RunDetail {
  return {
    ...toRunSummary(run, context),
    event: JSON.parse(run.event),
    output: run.output === null ? null : JSON.parse(run.output),
    attempt: run.attempt,
    crashes: run.crashes,
    steps: steps.toSorted((a, b) => a.startedAt - b.startedAt).map(toStepView),
  };
}

function toStepView(step: StepRecord): StepView {
  const outputBytes = step.output === null ? 0 : Buffer.byteLength(step.output);
  const isOpen = step.state === "open";
  const endedAt = isOpen ? null : step.endedAt;
  const isShown = step.output !== null && outputBytes <= LONGEST_OUTPUT_BYTES;
  return {
    id: step.id,
    kind: step.kind,
    state: step.state,
    attempt: step.attempt,
    startedAt: toIso(step.startedAt),
    endedAt: toIsoOrNull(endedAt),
    ms: endedAt === null ? null : endedAt - step.startedAt,
    until: isOpen && step.endedAt !== null && step.endedAt < FOR_EVER ? toIso(step.endedAt) : null,
    event: step.event,
    match: step.match,
    error: step.error,
    ...(isShown ? { output: JSON.parse(step.output) as unknown } : {}),
    outputBytes,
  };
}

export function toAutomationView(info: AutomationInfo, lastRun: RunSummary | null): AutomationView {
  return {
    ...info,
    triggers: info.triggers.map((trigger) =>
      trigger.kind === "cron" ? { ...trigger, nextAt: toIsoOrNull(trigger.nextAt) } : trigger,
    ),
    lastRun,
  };
}

function toIso(at: number): string {
  return new Date(at).toISOString();
}

function toIsoOrNull(at: number | null): string | null {
  return at === null ? null : toIso(at);
}
