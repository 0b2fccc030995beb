import type { HomeEvent } from "../../domain/event.ts";
import { DELIMITERS, isRemark, splitDelimited } from "../delimited.ts";
import { shorten, toState } from "../event-fields.ts";
import type { LineLayout } from "../layout.ts";
import { parseInstant } from "../timestamp.ts";

const TIME_NAMES = new Set(["time", "timestamp", "datetime", "last_changed", "last_updated"]);
const ENTITY_ID = /^[a-z0-9_]+\.[a-z0-9_]+$/i;

/** A time, then a column for each entity; a cell is filled where that entity changed. */
export const wideCsv: LineLayout = {
  name: "wide CSV",
  recognise({ lines, zone }) {
    const top = lines.findIndex((line) => !isRemark(line));
    const header = lines[top] ?? "";
    const delimiter = DELIMITERS.find((candidate) => header.includes(candidate));
    if (delimiter === undefined) return undefined;
    const [first = "", ...names] = splitDelimited(header, delimiter)?.map((name) => name.trim()) ?? [];
    if (!TIME_NAMES.has(first.toLowerCase()) || names.length === 0) return undefined;
    if (!names.every((name) => ENTITY_ID.test(name))) return undefined;
    return {
      headerLines: top + 1,
      read(line) {
        if (isRemark(line)) return [];
        const fields = splitDelimited(line, delimiter);
        if (fields === undefined) return { reason: "a quoted field is not closed" };
        if (fields.length !== names.length + 1) return { reason: `${fields.length} of ${names.length + 1} columns` };
        const [time = "", ...cells] = fields;
        const at = parseInstant(time.trim(), zone);
        if (at === undefined) return { reason: `"${shorten(time)}" is not a date and time` };
        const events = eventsOf(at, names, cells);
        return events.length === 0 ? { reason: "no state in any column" } : events;
      },
    };
  },
};

function eventsOf(at: number, names: readonly string[], cells: readonly string[]): HomeEvent[] {
  const events: HomeEvent[] = [];
  for (const [column, cell] of cells.entries()) {
    const entityId = names[column];
    const state = toState(cell);
    if (entityId !== undefined && state !== "") events.push({ at, entityId, state });
  }
  return events;
}
