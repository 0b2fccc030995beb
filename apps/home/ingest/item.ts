import type { HomeEvent } from "../domain/event.ts";

/** What a line of an event file holds: an event (an interval gives two, both under its line), or why it holds none. */
export type ReadItem =
  | { readonly kind: "event"; readonly event: HomeEvent; readonly line: number }
  | { readonly kind: "skipped"; readonly line: number; readonly reason: string };

/** What a line says: its events, none for a line that is blank or only decorates, or what is wrong with it. */
export type LineContent = readonly HomeEvent[] | { readonly reason: string };

/** A part of a file, in the file's order. */
export interface Batch {
  readonly items: readonly ReadItem[];
  /** True for a last line without a line end: it may still be in the writing, so a later reading begins with it again. */
  readonly isTail: boolean;
  /** How much of the file has been looked at, 0 to 1. */
  readonly fraction: number;
}
