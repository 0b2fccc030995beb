import { createHash } from "node:crypto";
import { canonicalJson } from "../../core/json.ts";

/**
 * Who and what an answer was made for. Only questions of one and the same partition are ever compared; none of this goes into the vector.
 */
export interface SimilarPartition {
  /** Names the kind of call; thresholds are set per namespace. */
  readonly namespace: string;
  /** The user's own, or shared by all who may read it. */
  readonly scope:
    | { readonly tenant: string; readonly user: string }
    | { readonly tenant: string; readonly shared: string };
  readonly model: string;
  /** Temperature and whatever else changes answers. */
  readonly parameters?: unknown;
  readonly system?: string;
  readonly tools?: unknown;
  readonly responseFormat?: unknown;
  readonly template?: string;
  readonly language?: string;
}

/** One key of a partition, the structured variables of its template and the embedder. Every difference makes another key. */
export function partitionKey(partition: SimilarPartition, variables: unknown, embedderId: string): string {
  return createHash("sha256")
    .update(canonicalJson([partition, variables ?? null, embedderId]))
    .digest("hex")
    .slice(0, 32);
}
