/** For whom an `ai` asks. */
export interface AiRun {
  readonly id: string;
  readonly signal: AbortSignal;
  /** Whose run it is; budgets and the ledger go by it. */
  readonly automation?: string;
  /** Whose answers its calls get and leave, where a call does not say. Default: everybody's. */
  readonly tenant?: string;
}
