/** An answer that was given to a similar question, for people who look whether that was right. */
export interface RecentHit {
  /** For `reject` and `confirm`. */
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly namespace: string;
  readonly asked: string;
  /** The question that the answer was given for. */
  readonly matched: string;
  /** Cosine, 1 for the same words. */
  readonly similarity: number;
  /** What was checked, in order. */
  readonly guards: readonly string[];
  readonly isVerified: boolean;
  /** Age of the answer when it was served. */
  readonly ageMs: number;
  /** What was said of it since; null: nothing. */
  readonly verdict: "confirmed" | "rejected" | null;
}

/** The last hits that were served. */
export interface RecentHits {
  add(hit: Omit<RecentHit, "verdict">): void;
  settle(id: string, verdict: NonNullable<RecentHit["verdict"]>): void;
  /** Newest first. */
  list(limit: number): readonly RecentHit[];
}

const KEPT = 200;
/** Prompts may be whole documents; nobody compares more than their beginnings by eye. */
const LONGEST_TEXT = 2_000;

export function createRecentHits(): RecentHits {
  const byId = new Map<string, RecentHit>();
  return {
    add(hit) {
      const { asked, matched } = hit;
      byId.set(hit.id, { ...hit, asked: cut(asked), matched: cut(matched), verdict: null });
      const oldest = byId.size > KEPT ? byId.keys().next().value : undefined;
      if (oldest !== undefined) byId.delete(oldest);
    },
    settle(id, verdict) {
      const hit = byId.get(id);
      if (hit !== undefined) byId.set(id, { ...hit, verdict });
    },
    list: (limit) => [...byId.values()].toReversed().slice(0, Math.max(0, limit)),
  };
}

function cut(text: string): string {
  return text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT)}…`;
}
