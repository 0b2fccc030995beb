import { MillraceError, type ErrorRecord } from "../../core/errors.ts";
import { jsonOrNull, number, numberOrNull, text, textOrNull } from "../row.ts";
import type { Row, RunRecord, RunStatus, ScheduleRecord, StepRecord, StepState } from "../store.ts";

/** The columns that `toRun` reads. */
export const RUN_COLUMNS =
  "id, automation, status, event, priority, epoch, attempt, crashes, output, error, created_at, available_at, started_at, ended_at";

const RUN_STATUSES: readonly RunStatus[] = ["queued", "running", "waiting", "done", "failed", "canceled"];
const STEP_STATES: readonly StepState[] = ["open", "done", "failed"];

export function toRun(row: Row): RunRecord {
  return {
    id: text(row, "id"),
    automation: text(row, "automation"),
    status: oneOf(row, "status", RUN_STATUSES),
    event: text(row, "event"),
    priority: number(row, "priority"),
    epoch: number(row, "epoch"),
    attempt: number(row, "attempt"),
    crashes: number(row, "crashes"),
    output: textOrNull(row, "output"),
    error: jsonOrNull<ErrorRecord>(row, "error"),
    createdAt: number(row, "created_at"),
    availableAt: number(row, "available_at"),
    startedAt: numberOrNull(row, "started_at"),
    endedAt: numberOrNull(row, "ended_at"),
  };
}

export const STEP_COLUMNS = "id, state, output, error, attempt, started_at, ended_at";

export function toStep(row: Row): StepRecord {
  return {
    id: text(row, "id"),
    state: oneOf(row, "state", STEP_STATES),
    output: textOrNull(row, "output"),
    error: jsonOrNull<ErrorRecord>(row, "error"),
    attempt: number(row, "attempt"),
    startedAt: number(row, "started_at"),
    endedAt: numberOrNull(row, "ended_at"),
  };
}

export const SCHEDULE_COLUMNS = "id, automation, expression, zone, next_at, last_at";

export function toSchedule(row: Row): ScheduleRecord {
  return {
    id: text(row, "id"),
    automation: text(row, "automation"),
    expression: text(row, "expression"),
    zone: text(row, "zone"),
    nextAt: number(row, "next_at"),
    lastAt: numberOrNull(row, "last_at"),
  };
}

/** An error as a column holds it. */
export function toErrorColumn(error: ErrorRecord | null): string | null {
  return error === null ? null : JSON.stringify(error);
}

function oneOf<T extends string>(row: Row, column: string, known: readonly T[]): T {
  const value = text(row, column);
  const found = known.find((entry) => entry === value);
  if (found === undefined)
    throw new MillraceError("STORE_FAILED", `Column ${column} holds the unknown value ${value}.`);
  return found;
}
