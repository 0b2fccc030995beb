/** Primary result codes of SQLite that this store tells apart. */
const BUSY = 5;
const CONSTRAINT = 19;
/** No fault of the statement: locked, out of memory, read only, interrupted, disk trouble, damaged, full, cannot open. */
const ENVIRONMENT = new Set([5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 26]);
/** A fault of the values: too large, a constraint, a wrong type. */
const VALUE = new Set([18, CONSTRAINT, 20]);

/** SQLite's primary result code of an error; undefined for one that is not SQLite's. */
export function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return undefined;
  return error.errcode & 0xff;
}

export function isBusy(error: unknown): boolean {
  return resultCode(error) === BUSY;
}

/** Whether the machine is at fault and not the statement: a full disk, a lock that was never given. */
export function isEnvironment(error: unknown): boolean {
  return ENVIRONMENT.has(resultCode(error) ?? -1);
}

/** Whether only these values are refused, so that other rows of the same statement may stand. */
export function isBadValue(error: unknown): boolean {
  return VALUE.has(resultCode(error) ?? -1);
}

/** What the database says, without a stack. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
