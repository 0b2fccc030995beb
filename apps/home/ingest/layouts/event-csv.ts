import { splitDelimited } from "../delimited.ts";
import { toEvent } from "../event-fields.ts";
import type { LineLayout } from "../layout.ts";

/** Names of columns, our own first, then those of Home Assistant's exports. */
const COLUMN_NAMES = {
  time: ["time", "timestamp", "datetime", "last_changed", "last_updated"],
  entityId: ["entity_id", "entity"],
  state: ["state"],
  area: ["area"],
  deviceClass: ["device_class"],
  cause: ["cause"],
} as const;

export const DELIMITERS = [",", ";", "\t"] as const;

/** `time,entity_id,state[,area][,device_class][,cause]` with a header line, columns in any order, others left alone. */
export const eventCsv: LineLayout = {
  name: "event CSV",
  recognise({ lines, zone }) {
    const header = lines[0] ?? "";
    const delimiter = DELIMITERS.find((candidate) => header.includes(candidate));
    if (delimiter === undefined) return undefined;
    const columns = splitDelimited(header, delimiter)?.map((name) => name.trim().toLowerCase()) ?? [];
    const time = columnOf(columns, COLUMN_NAMES.time);
    const entityId = columnOf(columns, COLUMN_NAMES.entityId);
    const state = columnOf(columns, COLUMN_NAMES.state);
    if (time === -1 || entityId === -1 || state === -1) return undefined;
    const area = columnOf(columns, COLUMN_NAMES.area);
    const deviceClass = columnOf(columns, COLUMN_NAMES.deviceClass);
    const cause = columnOf(columns, COLUMN_NAMES.cause);
    const needed = Math.max(time, entityId, state) + 1;
    return {
      headerLines: 1,
      read(line) {
        const fields = splitDelimited(line, delimiter);
        if (fields === undefined) return { reason: "a quoted field is not closed" };
        if (fields.length < needed) return { reason: `${fields.length} of ${columns.length} columns` };
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
  },
};

function columnOf(columns: readonly string[], names: readonly string[]): number {
  const name = names.find((candidate) => columns.includes(candidate));
  return name === undefined ? -1 : columns.indexOf(name);
}
