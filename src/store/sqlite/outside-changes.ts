import type { Reader } from "./reader.ts";

/**
 * Tells what other processes write from what this one does. `pragma data_version` changes on a connection when any other one
 * writes: the writer's connection only with other processes, but it is asked by message; the reader's at once, but with our own
 * writer too. Nothing is ever missed; in a race one change may be told twice.
 */
export interface OutsideChanges {
  /** After each group of ours: the writer's data version. */
  onGroup(version: number): void;
  /** The writer's answer to a look. */
  onLook(version: number): void;
  /** True when another process has written since this was last asked. */
  take(): boolean;
}

export interface OutsideChangesOptions {
  readonly reader: Reader;
  /** The writer's data version now. */
  readonly version: number;
  readonly isWriting: () => boolean;
  /** Asks the writer for its data version; `onLook` is to be called with it. */
  readonly look: () => void;
}

export function createOutsideChanges({ reader, version, isWriting, look }: OutsideChangesOptions): OutsideChanges {
  let writerVersion = version;
  let readerVersion = reader.version();
  let isPending = false;
  let hasOwnGroup = false;
  let isTold = false;

  return {
    onGroup(version) {
      if (version !== writerVersion) isPending = true;
      writerVersion = version;
      readerVersion = reader.version();
      hasOwnGroup = true;
    },
    onLook(version) {
      // The reader has told of this change already, unless something more has happened since.
      const isKnown = isTold && reader.version() === readerVersion;
      if (version !== writerVersion && !isKnown) isPending = true;
      writerVersion = version;
      isTold = false;
    },
    take() {
      const isOwnPossible = isWriting();
      const current = reader.version();
      const isSeen = !isOwnPossible && current !== readerVersion;
      const answer = isPending || isSeen;
      readerVersion = current;
      isPending = false;
      isTold ||= isSeen;
      // What others wrote right before or after our own group hides behind it here; the writer tells it apart.
      if (isSeen || isOwnPossible || hasOwnGroup) look();
      hasOwnGroup = false;
      return answer;
    },
  };
}
