type SqlValue = string | number | bigint | Uint8Array | null;
type Params = Readonly<Record<string, SqlValue>>;

/** A row as the database gives it. */
export type ObservedRow = Readonly<Record<string, SqlValue>>;

/** The SQL that this folder needs: the store's `Database` fits. */
export interface ObserveDatabase {
  get(sql: string, params?: Params): Promise<ObservedRow | undefined>;
  all(sql: string, params?: Params): Promise<readonly ObservedRow[]>;
  /** All or nothing; undefined when a statement changed fewer rows than its `atLeast`. */
  write(
    statements: readonly { readonly sql: string; readonly params?: Params; readonly atLeast?: number }[],
  ): Promise<readonly { readonly changes: number }[] | undefined>;
}
