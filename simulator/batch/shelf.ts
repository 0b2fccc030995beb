/** A batch that is kept. */
interface Shelved {
  readonly id: string;
  readonly organization: string;
  /** Size of its input. */
  readonly bytes: number;
}

/** Batches in memory: the latest hundred, and at most 1 GB of input. */
export interface Shelf<B extends Shelved> {
  put(batch: B): void;
  get(id: string, organization: string): B | undefined;
  /** By its id alone, for control calls. */
  find(id: string): B | undefined;
  delete(batch: B): void;
  /** Newest first. */
  list(organization: string): readonly B[];
  reset(): void;
}

const MOST_BATCHES = 100;
const MOST_BYTES = 1024 ** 3;

export function createShelf<B extends Shelved>(): Shelf<B> {
  const kept = new Map<string, B>();
  let bytes = 0;

  function drop(batch: B): void {
    if (kept.delete(batch.id)) bytes -= batch.bytes;
  }

  return {
    put(batch) {
      kept.set(batch.id, batch);
      bytes += batch.bytes;
      for (const oldest of kept.values()) {
        if ((kept.size <= MOST_BATCHES && bytes <= MOST_BYTES) || oldest === batch) break;
        drop(oldest);
      }
    },
    get(id, organization) {
      const batch = kept.get(id);
      return batch?.organization === organization ? batch : undefined;
    },
    find: (id) => kept.get(id),
    delete: drop,
    list: (organization) => [...kept.values()].filter((batch) => batch.organization === organization).toReversed(),
    reset() {
      kept.clear();
      bytes = 0;
    },
  };
}
