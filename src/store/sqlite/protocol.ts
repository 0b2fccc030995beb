import type { ErrorCode } from "../../core/errors.ts";
import type { SqlValue } from "../store.ts";
import type { Durability } from "./connection.ts";

/* What the main thread and the writer thread say to each other. Statements travel once, then by number. Each message gets
   exactly one answer, in order. */

/** Where a new thread begins. */
export interface WriterData {
  readonly path: string;
  readonly durability: Durability;
}

export interface StatementCall {
  readonly statement: number;
  readonly values: readonly SqlValue[];
  readonly atLeast: number;
}

/** One transaction's worth of work, answered on its own. */
export type Job =
  | { readonly kind: "write"; readonly calls: readonly StatementCall[] }
  | { readonly kind: "insert"; readonly statement: number; readonly rows: readonly (readonly SqlValue[])[] };

export interface LearnedStatement {
  readonly statement: number;
  readonly sql: string;
  readonly parameters: readonly string[];
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

export interface CallResult {
  readonly changes: number;
  /** Absent when the statement gives no rows. */
  readonly columns?: readonly string[];
  readonly rows?: readonly (readonly SqlValue[])[];
}

export type Outcome =
  | { readonly kind: "written"; readonly results: readonly CallResult[] }
  | { readonly kind: "short" }
  | {
      readonly kind: "inserted";
      readonly inserted: number;
      readonly ignored: number;
      readonly rejected: readonly { readonly index: number; readonly reason: string }[];
    }
  | Failure;

export type WriterAnswer =
  | { readonly kind: "opened" }
  | {
      readonly kind: "group";
      readonly outcomes: readonly Outcome[];
      /** Changes whenever another connection has written: see `pragma data_version`. */
      readonly version: number;
    }
  | { readonly kind: "looked"; readonly version: number }
  | { readonly kind: "migrated" }
  | { readonly kind: "checkpointed" }
  | { readonly kind: "settings"; readonly settings: Readonly<Record<string, SqlValue>> }
  | { readonly kind: "closed" }
  | Failure;
