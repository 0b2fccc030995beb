import { AsyncLocalStorage } from "node:async_hooks";

/* Which tags an answer depends on is known where the data is read, far below where the answer is kept. It travels by the asynchronous
   context and not as an argument: every function between would have to hand an argument on, and one that forgot would keep an old answer
   alive without anybody noticing. */

type Note = (tags: readonly string[]) => void;

const collecting = new AsyncLocalStorage<Note>();

/** Runs work and tells `note` of all tags that reads through the query cache depend on, each before the data is read. */
export function collectTags<T>(note: Note, work: () => T): T {
  return collecting.run(note, work);
}

/** Says that what is being made depends on these tags. To be called before the data is read. */
export function noteTags(tags: readonly string[]): void {
  collecting.getStore()?.(tags);
}
