import type { HomeEvent } from "../domain/event.ts";
import type { Batch } from "../ingest/item.ts";
import type { SkippedLine, SourceState, Tail } from "./sources.ts";

const FIRST_SKIPPED = 20;
const NO_TAIL: Tail = { events: [], isOwn: false };

/** Counts what is read of a file, going on from what was counted of it before. */
export class Tally {
  #events: number;
  #skipped: number;
  #tail = NO_TAIL;
  #tailSkipped = 0;
  readonly #firstSkipped: SkippedLine[];

  constructor(before: SourceState | undefined) {
    this.#events = before?.events ?? 0;
    this.#skipped = before?.skipped ?? 0;
    // Those of the unfinished last line come after the ones before the mark, and that line is read again.
    this.#firstSkipped = before?.firstSkipped.slice(0, before.skipped) ?? [];
  }

  get events(): number {
    return this.#events + this.#tail.events.length;
  }

  get skipped(): number {
    return this.#skipped + this.#tailSkipped;
  }

  /** Counts a batch and gives its events. */
  add({ items, isTail }: Batch): readonly HomeEvent[] {
    const events: HomeEvent[] = [];
    let skipped = 0;
    for (const item of items) {
      if (item.kind === "event") events.push(item.event);
      else {
        skipped += 1;
        if (this.#firstSkipped.length < FIRST_SKIPPED) {
          this.#firstSkipped.push({ line: item.line, reason: item.reason });
        }
      }
    }
    if (isTail) {
      this.#tail = { events, isOwn: false };
      this.#tailSkipped = skipped;
    } else {
      this.#events += events.length;
      this.#skipped += skipped;
    }
    return events;
  }

  /** Notes whether the events of the last line were new to the table. */
  ownTail(isOwn: boolean): void {
    this.#tail = { ...this.#tail, isOwn };
  }

  state(stamp: string, mark: string): SourceState {
    return {
      stamp,
      mark,
      events: this.#events,
      skipped: this.#skipped,
      tail: this.#tail,
      tailSkipped: this.#tailSkipped,
      firstSkipped: this.#firstSkipped,
    };
  }
}
