import type { Zone } from "../domain/zone.ts";
import type { ReadItem } from "./item.ts";
import { openEventFile } from "./open-event-file.ts";

export interface ReadEventsOptions {
  readonly path: string;
  /** Where times without an offset were read off the wall. */
  readonly zone: Zone;
  readonly signal?: AbortSignal;
}

/**
 * Reads an event file from its start to its end, in the file's order, without holding more than a part of it. A malformed line is an item
 * like any other. Throws EVENTS_UNREADABLE when the file as a whole cannot be read.
 */
export async function* readEvents({ path, zone, signal }: ReadEventsOptions): AsyncIterable<ReadItem> {
  await using file = await openEventFile({ path, zone });
  for await (const batch of file.batches(signal)) yield* batch.items;
}
