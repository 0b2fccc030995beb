import type { Zone } from "../domain/zone.ts";
import type { LineContent } from "./item.ts";

/** What is known of a text file before its lines are read one by one. */
export interface FileHead {
  readonly path: string;
  /** The first lines, at most 20, without line ends; the last may be cut. */
  readonly lines: readonly string[];
  readonly zone: Zone;
}

/** Reads the lines of one file whose layout is known. */
export interface LineReader {
  /** Lines at the top that hold no events. */
  readonly headerLines: number;
  /** Whatever outside of the file decides what its lines mean, such as a file of names beside it. */
  readonly context?: string;
  read(line: string): LineContent;
}

/** A way of writing events, a line at a time. */
export interface LineLayout {
  readonly name: string;
  /** Gives a reader when the head looks like this layout. */
  recognise(head: FileHead): LineReader | undefined | Promise<LineReader | undefined>;
}
