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
  /** Keys of questions that this answer was rejected for. */
  readonly rejected: readonly string[];
}

/** How often a sampled hit of a namespace was right and wrong. */
export interface SimilarSamples {
  readonly namespace: string;
  readonly right: number;
  readonly wrong: number;
}

/** Keeps questions beyond the process. A table of a database fulfils it; so does nothing at all. */
export interface SimilarRows {
  /** All that have not expired, newest first, at most `limit`; the others are deleted. Rows that cannot be read are left out. */
  load(now: number, limit: number): Promise<readonly SimilarRow[]>;
  /** The counts of every process so far. */
  loadSamples(): Promise<readonly SimilarSamples[]>;
  /** Adds to the counts of a namespace. */
  addSamples(samples: SimilarSamples): Promise<void>;
  save(row: SimilarRow): Promise<void>;
  delete(ids: readonly string[]): Promise<void>;
}
