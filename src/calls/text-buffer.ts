import type { Sink } from "./pipeline.ts";

/** Text that is written by one and read by many, each from the beginning and at a pace of his own. */
export interface TextBuffer extends Sink, AsyncIterable<string> {
  /** All that was written. */
  text(): string;
  /** Ends it; with an error, readers get that after all the text. Later calls do nothing. */
  end(error?: Error): void;
}

export function createTextBuffer(): TextBuffer {
  const pieces: string[] = [];
  let ending: { readonly error: Error | undefined } | undefined;
  let changed = Promise.withResolvers<void>();

  function wake(): void {
    changed.resolve();
    changed = Promise.withResolvers();
  }

  return {
    write(text) {
      if (ending !== undefined || text === "") return undefined;
      pieces.push(text);
      wake();
      return undefined;
    },
    hasPassedOn: () => pieces.length > 0,
    text: () => pieces.join(""),
    end(error) {
      if (ending !== undefined) return;
      ending = { error };
      wake();
    },
    async *[Symbol.asyncIterator]() {
      for (let index = 0; ;) {
        const piece = pieces[index];
        if (piece !== undefined) {
          index++;
          yield piece;
        } else if (ending === undefined) await changed.promise;
        else if (ending.error === undefined) return;
        else throw ending.error;
      }
    },
  };
}
