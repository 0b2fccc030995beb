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

/** A recorded action in its place. */
export interface AuditEntry extends Required<AuditDraft> {
  /** From 1 on, without gaps. */
  readonly seq: number;
  /** Milliseconds since the epoch, UTC. */
  readonly at: number;
  /** SHA-256 in hexadecimal digits: of the hash before, and of this entry. */
  readonly hash: string;
}

/** Where a chain ends. */
export interface AuditHead {
  /** 0: it is empty. */
  readonly seq: number;
  readonly hash: string;
}

export interface AuditFilter {
  readonly actor?: string;
  readonly action?: string;
  /** Milliseconds since the epoch, inclusive. */
  readonly from?: number;
  /** Exclusive. */
  readonly to?: number;
}

/** Where a page ended. */
export interface AuditPosition {
  readonly at: number;
  readonly seq: number;
}

export interface AuditPage {
  /** Newest first. */
  readonly entries: readonly AuditEntry[];
  /** All that match the filter. */
  readonly total: number;
  /** Give it as `before` for what follows; undefined at the end. */
  readonly next: AuditPosition | undefined;
}

/**
 * What was found. `changed`: a row is not what its hash covers; `missing`: a row is gone from between others; `reordered`: rows stand in
 * another order; `cut`: the log ends before an anchor that was kept outside; `rewritten`: the log is whole, and not the one that was anchored.
 */
export type AuditVerdict =
  | {
      readonly kind: "whole";
      readonly head: AuditHead;
      readonly anchors: number;
      /** The first entry that was read: those before it are in archives that were not given. */
      readonly first: number;
    }
  | {
      readonly kind: "changed" | "missing" | "reordered" | "cut" | "rewritten";
      /** The first row that is wrong, or the first that is gone. */
      readonly seq: number;
      readonly head: AuditHead;
      /** In words. */
      readonly detail: string;
    };

export interface AuditChecks {
  /** Heads that were kept outside. */
  readonly anchors: readonly AuditHead[];
  /** Paths of archives, the oldest first. Default: none, and what was archived is not checked. */
  readonly archives?: readonly string[];
}

export interface AuditArchiving {
  /** Who asks for it. */
  readonly actor: string;
  /** Milliseconds since the epoch, UTC. */
  readonly before: number;
  /** Where the file is to be made. */
  readonly path: string;
  /** As for `verify`: nothing leaves a log that is not whole. */
  readonly anchors: readonly AuditHead[];
}

/** What went into a file. */
export interface AuditArchive {
  readonly from: number;
  /** The last of them: what is kept goes on from its hash. */
  readonly last: AuditHead;
  /** SHA-256 of the file, in hexadecimal digits. */
  readonly digest: string;
}

/** What people and the configuration did, appended to one chain that shows whether anything was changed afterwards. */
export interface AuditLog extends AuditTrail {
  /** Newest first. @param page `limit` from 1 to 200, default 50. */
  list(filter?: AuditFilter, page?: { readonly before?: AuditPosition; readonly limit?: number }): Promise<AuditPage>;
  /**
   * All entries from a place in the chain on, oldest first: what was audited can be rebuilt from them. Throws INPUT_INVALID when some of
   * them are in archives that are not given, in order.
   */
  entries(options?: { readonly after?: number; readonly archives?: readonly string[] }): AsyncIterable<AuditEntry>;
  /**
   * Moves the oldest entries, up to the first that is not before an instant, into a new file, and records that. Undefined: there are none.
   * Throws INPUT_INVALID when there is such a file, DATA_UNUSABLE when the log is not whole; nothing was moved then.
   */
  archive(options: AuditArchiving): Promise<AuditArchive | undefined>;
  /** Where it ends. */
  head(): Promise<AuditHead>;
  /** Checks every entry, those of archives in their order before, and the heads that were kept outside. */
  verify(options: AuditChecks): Promise<AuditVerdict>;
  /** Writes what was noted. */
  flush(): Promise<void>;
  close(): Promise<void>;
}
