/** Facts of an audited action: texts, whole numbers, booleans and nulls under plain names. Never a secret: rows are kept for good. */
export type AuditData = Readonly<Record<string, string | number | boolean | null>>;

/** An action that somebody took. */
export interface AuditDraft {
  /** Who: the id of a principal, `cli:NAME` for whoever typed a command, or `millrace`. */
  readonly actor: string;
  /** What: `run.cancel`, `cache.evict`. */
  readonly action: string;
  /** To what: `run:ID`, `suggestion:ID`. */
  readonly subject: string;
  readonly data?: AuditData;
}

/** A statement to be written in the same transaction as a change. */
export interface AuditStatement {
  readonly sql: string;
  readonly params: Readonly<Record<string, string | number>>;
  readonly atLeast: number;
}

/** Makes a change together with the record of it. False: the change was refused, and nothing was recorded. */
export type ChangeRecorder = (change: (beside: readonly AuditStatement[]) => Promise<boolean>) => Promise<boolean>;

/** Where actions are recorded. */
export interface AuditTrail {
  /** Takes an action without waiting: written within a second, with up to 99 others. A crash before loses it. */
  note(draft: AuditDraft): void;
  /** Resolves when it is committed. For what cannot share a transaction: ask before the change is made. */
  record(...drafts: readonly AuditDraft[]): Promise<void>;
  /**
   * Makes a change whose statements are committed together with the record of it, or not at all. `change` writes what it is given beside
   * its own, gives undefined when it was refused, and is called again when another process recorded something meanwhile.
   */
  beside<T>(
    drafts: readonly AuditDraft[],
    change: (beside: readonly AuditStatement[]) => Promise<T | undefined>,
  ): Promise<T | undefined>;
}

/** For what changes something at somebody's wish. */
export interface RecordOptions {
  /** Default: the change is made alone. */
  readonly record?: ChangeRecorder;
}

/** Makes the change alone. */
export const unrecorded: ChangeRecorder = (change) => change([]);

/** A recorder of one action; without a trail the change is made alone. */
export function recorderOf(trail: AuditTrail | undefined, draft: AuditDraft): ChangeRecorder {
  if (trail === undefined) return unrecorded;
  return async (change) =>
    (await trail.beside([draft], async (beside) => ((await change(beside)) ? true : undefined))) ?? false;
}
