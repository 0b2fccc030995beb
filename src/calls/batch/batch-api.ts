/** One question of a batch: the JSON of its request. */
export interface BatchItem {
  /** 1 to 64 letters, digits, dashes and underscores; unique in the batch. */
  readonly customId: string;
  readonly body: string;
}

/** One line of what a batch gave. */
export interface BatchLine {
  /** Of the question that it answers; empty where the line cannot be read. */
  readonly customId: string;
  readonly result: BatchResult;
}

/** The reply to one question as it came, or why there is none. */
export type BatchResult =
  | { readonly ok: true; readonly reply: unknown }
  | { readonly ok: false; readonly detail: string };

export interface BatchHanding {
  /** Names the batch, for `find`, where the provider keeps a name: letters and digits. */
  readonly mark: string;
  readonly signal: AbortSignal;
}

/** A batch that was sent, and nobody knows whether it arrived. */
export interface LostBatch {
  readonly mark: string;
  /** When it was sent, in milliseconds since the epoch, by this machine's clock. */
  readonly sentAt: number;
  /** It has at least so many. */
  readonly items: number;
}

export interface FoundBatch {
  readonly id: string;
  /** False: only the custom ids of its results tell whether it is the one. */
  readonly isCertain: boolean;
}

/** How far the clocks of this machine and of a provider may be apart, in milliseconds. */
export const CLOCK_SKEW_MS = 300_000;

/** A provider's batch API: half the price, within a day. Rejects with ModelFailure for whatever the provider or the network did. */
export interface BatchApi {
  /** Gives the provider's id. It is not tried again: a second try would be a second batch. */
  submit(items: readonly BatchItem[], handing: BatchHanding): Promise<string>;
  /** Those that may be a batch whose receipt was lost. */
  find(lost: LostBatch, signal: AbortSignal): Promise<readonly FoundBatch[]>;
  /** One by one as they are read, in whatever order the provider has them; undefined while it runs. */
  results(id: string, signal: AbortSignal): Promise<AsyncIterable<BatchLine> | undefined>;
  /** What is finished stays, and is charged. */
  cancel(id: string, signal: AbortSignal): Promise<void>;
}

/** The results of 100 000 questions, answered at length. What is read line by line is not held. */
export const MOST_RESULT_BYTES = 8 * 1_024 ** 3;
