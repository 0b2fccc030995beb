import type { ErrorCode } from "../../core/errors.ts";
import type { SqlValue } from "../store.ts";
import type { Durability } from "./durability.ts";
import type { SlowStatement } from "./slow-statements.ts";

/* What the main thread and the writer thread say to each other. Statements travel once, then by number. Each message gets
   exactly one answer, in order. */

/** Where a new thread begins. */
export interface WriterData {
  readonly path: string;
  readonly durability: Durability;
  /** From how many milliseconds on a statement is told of. */
  readonly slowMs: number;
}

/** A statement's number, the changes it must make, and its values in order: an array, because that is cheap to send. */
export type StatementCall = readonly [statement: number, atLeast: number, ...values: SqlValue[]];

/** Rows for one statement. */
export interface InsertJob {
  readonly statement: number;
  readonly rows: readonly (readonly SqlValue[])[];
}

/** One transaction's worth of work, answered on its own: the statements of a write, or many rows. */
export type Job = readonly StatementCall[] | InsertJob;

export interface LearnedStatement {
  readonly statement: number;
  /** As it was given, for errors. */
  readonly sql: string;
  /** With `?` for parameters. */
  readonly bySlot: string;
}

export interface MigrationFile {
  readonly name: string;
  readonly sql: string;
}

export type WriterRequest =
  | {
      readonly kind: "group";
      readonly learn: readonly LearnedStatement[];
      readonly jobs: readonly Job[];
      /** Statements that may go once the jobs are done. */
      readonly forget: readonly number[];
    }
  | { readonly kind: "migrate"; readonly owner: string; readonly files: readonly MigrationFile[]; readonly now: number }
  | { readonly kind: "checkpoint" }
  | { readonly kind: "look" }
  | { readonly kind: "settings" }
  | { readonly kind: "close" };

export interface Failure {
  readonly kind: "failed";
  readonly code: ErrorCode;
  readonly message: string;
  readonly isRetryable: boolean;
  readonly facts: Readonly<Record<string, string | number>>;
}

/** How many rows changed; with the rows when the statement gives some. */
export type CallResult = number | ChangedRows;

export interface ChangedRows {
  readonly changes: number;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly SqlValue[])[];
}

export interface Inserted {
  readonly kind: "inserted";
  readonly inserted: number;
  readonly ignored: number;
  readonly rejected: readonly { readonly index: number; readonly reason: string }[];
}

/** What became of a job: the results of its statements, null when one changed too little, or what was inserted. */
export type Outcome = readonly CallResult[] | null | Inserted | Failure;

/** Whether a job failed, and nothing of it stands. */
export function isFailure(outcome: Outcome): outcome is Failure {
  return outcome !== null && "kind" in outcome && outcome.kind === "failed";
}

export type WriterAnswer =
  | { readonly kind: "opened" }
  | {
      readonly kind: "group";
      readonly outcomes: readonly Outcome[];
      /** Changes whenever another connection has written: see `pragma data_version`. */
      readonly version: number;
      /** Statements of it that were slow; absent: none. */
      readonly slow?: readonly SlowStatement[];
    }
  | { readonly kind: "looked"; readonly version: number }
  | { readonly kind: "migrated" }
  | { readonly kind: "checkpointed" }
  | { readonly kind: "settings"; readonly settings: Readonly<Record<string, SqlValue>> }
  | { readonly kind: "closed" }
  | Failure;
