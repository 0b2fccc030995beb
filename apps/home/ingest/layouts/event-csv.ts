import type { Zone } from "../../domain/zone.ts";
import { DELIMITERS, isRemark, splitDelimited } from "../delimited.ts";
import { toEvent } from "../event-fields.ts";
import type { LineLayout, LineReader } from "../layout.ts";
import { parseInstant } from "../timestamp.ts";

/** Names of columns, our own first, then those of Home Assistant's exports. */
const COLUMN_NAMES = {
  time: ["time", "timestamp", "datetime", "last_changed", "last_updated"],
  entityId: ["entity_id", "entity"],
  state: ["state"],
  area: ["area"],
  deviceClass: ["device_class"],
  cause: ["cause"],
} as const;

/** Where each field stands in a line; -1: nowhere. */
type Columns = Readonly<Record<keyof typeof COLUMN_NAMES, number>>;

/** The order of a file without a header. */
const OWN_ORDER: Columns = { time: 0, entityId: 1, state: 2, area: 3, deviceClass: 4, cause: 5 };
const ENTITY_ID = /^\s*\w+\.\S/;

/**
 * `time,entity_id,state[,area][,device_class][,cause]`: with a header line the columns may stand in any order and others are left alone,
 * without one they stand in this order.
 */
export const eventCsv: LineLayout = {
  name: "event CSV",
  recognise({ lines, zone }) {
    const top = lines.findIndex((line) => !isRemark(line));
    for (const delimiter of DELIMITERS) {
      const columns = columnsOf(splitDelimited(lines[top] ?? "", delimiter) ?? []);
      if (columns !== undefined) return readerOf({ columns, delimiter, headerLines: top + 1, zone });
    }
    for (const delimiter of DELIMITERS) {
      const isEvent = lines.some((line) => isEventLine(splitDelimited(line, delimiter) ?? [], zone));
      if (isEvent) return readerOf({ columns: OWN_ORDER, delimiter, headerLines: 0, zone });
    }
    return undefined;
  },
};

interface ReaderOptions {
  readonly columns: Columns;
  readonly delimiter: string;
  readonly headerLines: number;
  readonly zone: Zone;
}

function readerOf({ columns, delimiter, headerLines, zone }: ReaderOptions): LineReader {
  const { time, entityId, state, area, deviceClass, cause } = columns;
  const needed = Math.max(time, entityId, state) + 1;
  return {
    headerLines,
    read(line) {
      if (isRemark(line)) return [];
      const fields = splitDelimited(line, delimiter);
      if (fields === undefined) return { reason: "a quoted field is not closed" };
      if (fields.length < needed) return { reason: `${fields.length} of at least ${needed} columns` };
      return toEvent(
        {
          time: fields[time] ?? "",
          entityId: fields[entityId] ?? "",
          state: fields[state] ?? "",
          area: fields[area],
          deviceClass: fields[deviceClass],
          cause: fields[cause],
        },
        zone,
      );
    },
  };
}

/** Undefined when a name is missing that cannot be done without. */
function columnsOf(header: readonly string[]): Columns | undefined {
  const names = header.map((name) =>
    name
      .trim()
      .toLowerCase()
      .replaceAll(/[\s-]+/g, "_"),
  );
  const columns = {
    time: columnOf(names, COLUMN_NAMES.time),
    entityId: columnOf(names, COLUMN_NAMES.entityId),
    state: columnOf(names, COLUMN_NAMES.state),
    area: columnOf(names, COLUMN_NAMES.area),
    deviceClass: columnOf(names, COLUMN_NAMES.deviceClass),
    cause: columnOf(names, COLUMN_NAMES.cause),
  };
  return columns.time === -1 || columns.entityId === -1 || columns.state === -1 ? undefined : columns;
}

function columnOf(columns: readonly string[], names: readonly string[]): number {
  const name = names.find((candidate) => columns.includes(candidate));
  return name === undefined ? -1 : columns.indexOf(name);
}

function isEventLine([time = "", entityId = "", state = ""]: readonly string[], zone: Zone): boolean {
  return state.trim() !== "" && ENTITY_ID.test(entityId) && parseInstant(time.trim(), zone) !== undefined;
}
