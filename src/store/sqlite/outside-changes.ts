import type { Reader } from "./reader.ts";

/**
 * Tells what other processes write from what this one does. `pragma data_version` changes on a connection when any other one
 * writes: the writer's connection only with other processes, but it is asked by message; the reader's at once, but with our own
 * writer too. Nothing is ever missed; in a race one change may be told twice.
 */
export interface OutsideChanges {
  /** After each group of ours: the writer's data version. */
  onGroup(version: number): void;
  /** True when another process has written since this was last asked. */
  take(): boolean;
}

export interface OutsideChangesOptions {
  readonly reader: Reader;
  /** The writer's data version now. */
  readonly version: number;
  readonly isWriting: () => boolean;
  /** Asks the writer for its data version, behind everything it was given before. */
  readonly look: () => Promise<number>;
}

export function createOutsideChanges({ reader, version, isWriting, look }: OutsideChangesOptions): OutsideChanges {
  let writerVersion = version;
  let readerVersion = reader.version();
  let isPending = false;
  let hasOwnGroup = false;
  let looks = 0;
  /** The look that was sent along with a `true`: until its answer, the writer may report what was told already. */
  let toldWithLook = 0;

  async function lookCloser(): Promise<void> {
    looks += 1;
    const current = looks;
    const version = await look();
    const isTold = toldWithLook > 0 && reader.version() === readerVersion;
    if (version !== writerVersion && !isTold) isPending = true;
    writerVersion = version;
    if (current === toldWithLook) toldWithLook = 0;
  }

  return {
    onGroup(version) {
      if (version !== writerVersion) isPending = true;
      writerVersion = version;
      readerVersion = reader.version();
      hasOwnGroup = true;
    },
    take() {
      const isOwnPossible = isWriting();
      const current = reader.version();
      const isSeen = !isOwnPossible && current !== readerVersion;
      const answer = isPending || isSeen;
      readerVersion = current;
      isPending = false;
      // What others wrote right before or after our own group hides behind it here; the writer tells it apart.
      if (isSeen || isOwnPossible || hasOwnGroup) {
        if (isSeen) toldWithLook = looks + 1;
        lookCloser().catch(() => undefined); // the store is closing
      }
      hasOwnGroup = false;
      return answer;
    },
  };
}
