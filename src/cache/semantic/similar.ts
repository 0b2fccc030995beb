import type { SimilarMode } from "./guards/judge.ts";
import type { FalseReuse } from "./false-reuse.ts";
import type { SimilarPartition } from "./partition.ts";
import type { RecentHit } from "./recent-hits.ts";
import type { CallFacts, Refusal } from "./routing.ts";

export interface LookupParams {
  readonly partition: SimilarPartition;
  readonly prompt: string;
  /** Structured variables of a template: an exact part of the partition, never of the vector. */
  readonly variables?: unknown;
  /** Default: that of the embedder. */
  readonly mode?: SimilarMode;
  /** Can only raise the threshold of the namespace. 1: only the same words. */
  readonly threshold?: number;
  readonly facts?: CallFacts;
  readonly signal?: AbortSignal;
}

export interface StoreParams {
  readonly partition: SimilarPartition;
  readonly prompt: string;
  readonly variables?: unknown;
  /** Names the answer for the caller, who keeps it. */
  readonly entryId: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  readonly facts?: CallFacts;
  readonly signal?: AbortSignal;
}

/** An answer that may be served, and why. */
export interface SimilarHit {
  readonly kind: "hit";
  /** Names this hit for `reject` and `confirm`. */
  readonly id: string;
  readonly entryId: string;
  /** The question that the answer was given for. */
  readonly prompt: string;
  /** Cosine, 1 for the same words. */
  readonly similarity: number;
  readonly ageMs: number;
  /** What was checked, in order. */
  readonly guards: readonly string[];
  readonly isVerified: boolean;
  /** True: ask the model as well, compare, and tell `confirm` or `reject`. */
  readonly isSampled: boolean;
}

/** Why there is none. */
export interface SimilarMiss {
  readonly kind: "miss";
  readonly reason:
    | { readonly because: "refused"; readonly refusal: Refusal }
    | { readonly because: "empty-partition" }
    | { readonly because: "embedder-failed"; readonly message: string }
    | { readonly because: "no-candidate"; readonly threshold: number }
    | { readonly because: "guards"; readonly candidates: readonly Candidate[] }
    /** Shadow only: this would have been served. */
    | { readonly because: "shadow"; readonly hit: SimilarHit };
}

/** A stored question that was near, and what spoke against it. */
export interface Candidate {
  readonly prompt: string;
  readonly similarity: number;
  readonly guard: string;
  readonly veto: string;
}

export type StoreOutcome =
  | { readonly stored: true; readonly id: string }
  | { readonly stored: false; readonly reason: Refusal | "expired" | "embedder-failed" };

export interface SimilarStats {
  readonly items: number;
  readonly bytes: number;
  readonly partitions: number;
  readonly hits: number;
  readonly misses: Readonly<Record<string, number>>;
  readonly vetoes: Readonly<Record<string, number>>;
  readonly evictions: number;
  readonly rejected: number;
  /** Rows that could not be saved. */
  readonly saveFailures: number;
  /** By namespace: of the sampled hits that were settled, how many were wrong; with `rows`, of every process so far. */
  readonly falseReuse: Readonly<Record<string, FalseReuse>>;
}

/** Finds the answer to a question that was asked in other words. */
export interface Similar {
  lookup(params: LookupParams): Promise<SimilarHit | SimilarMiss>;
  store(params: StoreParams): Promise<StoreOutcome>;
  /** Takes the pair of a hit out for good and counts against the entry. False: the hit is not known any longer. */
  reject(hitId: string): Promise<boolean>;
  /** Says that a hit was right; for sampled hits. */
  confirm(hitId: string): Promise<boolean>;
  /** The latest hits of this process, newest first; 200 are kept. */
  recentHits(limit: number): readonly RecentHit[];
  /** Forgets the questions of an answer that is gone. Gives how many. */
  forget(entryId: string): Promise<number>;
  stats(): SimilarStats;
}
