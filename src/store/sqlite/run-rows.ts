import { MillraceError, type ErrorRecord } from "../../core/errors.ts";
import { jsonOrNull, number, numberOrNull, text, textOrNull } from "../row.ts";
import type {
  EventRecord,
  GivenUp,
  Row,
  RunCount,
  RunLane,
  RunRecord,
  RunStatus,
  ScheduleRecord,
  StepKind,
  StepRecord,
  StepState,
} from "../store.ts";

/** The columns that `toRun` reads. */
export const RUN_COLUMNS = `id, automation, version, status, lane, event, parent, priority, concurrency_key, merge_key, merged, seen, epoch,
  attempt, crashes, output, error, undoing, created_at, available_at, started_at, ended_at`;

const RUN_STATUSES: readonly RunStatus[] = ["queued", "running", "waiting", "done", "failed", "canceled"];
const RUN_LANES: readonly RunLane[] = ["ready", "later", "blocked"];
const STEP_KINDS: readonly StepKind[] = ["run", "sleep", "wait", "call"];
const STEP_STATES: readonly StepState[] = ["open", "done", "failed"];

export function toRun(row: Row): RunRecord {
  return {
    id: text(row, "id"),
    automation: text(row, "automation"),
    version: number(row, "version"),
    status: oneOf(row, "status", RUN_STATUSES),
    lane: row["lane"] === null ? null : oneOf(row, "lane", RUN_LANES),
    event: text(row, "event"),
    parent: textOrNull(row, "parent"),
    priority: number(row, "priority"),
    concurrencyKey: textOrNull(row, "concurrency_key"),
    mergeKey: textOrNull(row, "merge_key"),
    merged: number(row, "merged"),
    seen: number(row, "seen"),
    epoch: number(row, "epoch"),
    attempt: number(row, "attempt"),
    crashes: number(row, "crashes"),
    output: textOrNull(row, "output"),
    error: jsonOrNull<ErrorRecord>(row, "error"),
    undoing: jsonOrNull<GivenUp>(row, "undoing"),
    createdAt: number(row, "created_at"),
    availableAt: number(row, "available_at"),
    startedAt: numberOrNull(row, "started_at"),
    endedAt: numberOrNull(row, "ended_at"),
  };
}

export function toCount(row: Row): RunCount {
  return { automation: text(row, "automation"), status: oneOf(row, "status", RUN_STATUSES), runs: number(row, "runs") };
}

export const STEP_COLUMNS =
  "id, kind, state, output, error, attempt, started_at, ended_at, event, match, cursor, is_undoable";

export function toStep(row: Row): StepRecord {
  return {
    id: text(row, "id"),
    kind: oneOf(row, "kind", STEP_KINDS),
    state: oneOf(row, "state", STEP_STATES),
    output: textOrNull(row, "output"),
    error: jsonOrNull<ErrorRecord>(row, "error"),
    attempt: number(row, "attempt"),
    startedAt: number(row, "started_at"),
    endedAt: numberOrNull(row, "ended_at"),
    event: textOrNull(row, "event"),
    match: textOrNull(row, "match"),
    cursor: numberOrNull(row, "cursor"),
    isUndoable: number(row, "is_undoable") === 1,
  };
}

export const EVENT_COLUMNS = "seq, id, name, match, data, at";

export function toEvent(row: Row): EventRecord {
  return {
    seq: number(row, "seq"),
    id: text(row, "id"),
    name: text(row, "name"),
    match: textOrNull(row, "match"),
    data: text(row, "data"),
    at: number(row, "at"),
  };
}

export const SCHEDULE_COLUMNS = "id, automation, expression, zone, next_at, last_at, named";

export function toSchedule(row: Row): ScheduleRecord {
  return {
    id: text(row, "id"),
    automation: text(row, "automation"),
    expression: text(row, "expression"),
    zone: text(row, "zone"),
    nextAt: number(row, "next_at"),
    lastAt: numberOrNull(row, "last_at"),
    named: number(row, "named"),
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
