import type { Batch } from "./item.ts";

/** An event file that was opened and whose layout is known. */
export interface EventFile extends AsyncDisposable {
  /** The layout's name. */
  readonly layout: string;
  /**
   * Goes to where an earlier reading ended, given its mark. False when what that reading saw is not there any more as it was:
   * then `batches` begins at the start.
   */
  resume(mark: string): Promise<boolean>;
  /** Reads to the end, once. Rejects with the signal's reason when that is aborted. */
  batches(signal?: AbortSignal): AsyncIterable<Batch>;
  /** Where the reading has come to, for `resume`: a text of at most a few hundred characters. */
  mark(): string;
}
