import type { Feedback } from "./learned-bound.ts";

/** A question as it is kept for the next start. */
export interface SimilarRow {
  readonly id: string;
  /** Key of the partition. */
  readonly partition: string;
  readonly namespace: string;
  readonly prompt: string;
  /** Names the answer for whoever keeps it. */
  readonly entryId: string;
  /** The quantised vector. */
  readonly vector: Int8Array;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly feedback: readonly Feedback[];
  /** Canonical keys of questions that this answer was rejected for. */
  readonly rejected: readonly string[];
}

/** Keeps questions beyond the process. A table of a database fulfils it; so does nothing at all. */
export interface SimilarRows {
  /** All that have not expired, newest first, at most `limit`. Rows that cannot be read are left out. */
  load(now: number, limit: number): Promise<readonly SimilarRow[]>;
  save(row: SimilarRow): Promise<void>;
  delete(ids: readonly string[]): Promise<void>;
}
