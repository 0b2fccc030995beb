/** A batch that was handed in, or was about to be. */
export interface SubmittedBatch {
  /** Whose it is: the run, and its name there. */
  readonly runId: string;
  readonly name: string;
  /** `provider/model`. */
  readonly model: string;
  /** The provider's id; null from before it is sent until the receipt is written, so whether the provider has it is not known. */
  readonly batchId: string | null;
  /** Milliseconds since the epoch, before it is sent. */
  readonly submittedAt: number;
}

/** Remembers batches until they are read, so that a run that goes on after a crash waits for the one that was handed in. */
export interface BatchStore {
  find(runId: string, name: string): Promise<SubmittedBatch | undefined>;
  put(batch: SubmittedBatch): Promise<void>;
  delete(runId: string, name: string): Promise<void>;
}

/** Remembers them as long as the process lives. */
export function createMemoryBatchStore(): BatchStore {
  const batches = new Map<string, SubmittedBatch>();
  const keyOf = (runId: string, name: string): string => JSON.stringify([runId, name]);
  return {
    find: async (runId, name) => batches.get(keyOf(runId, name)),
    async put(batch) {
      batches.set(keyOf(batch.runId, batch.name), batch);
    },
    async delete(runId, name) {
      batches.delete(keyOf(runId, name));
    },
  };
}
