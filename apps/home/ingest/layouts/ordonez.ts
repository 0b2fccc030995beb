import type { Zone } from "../../domain/zone.ts";
import { shorten } from "../event-fields.ts";
import { type IntervalSubject, toChanges } from "../interval.ts";
import type { LineContent } from "../item.ts";
import type { LineLayout, LineReader } from "../layout.ts";
import { slugOf } from "../slug.ts";
import { parseInstant } from "../timestamp.ts";

/** Kinds of sensors, in Home Assistant's words. */
const DEVICE_CLASSES: Readonly<Record<string, string>> = {
  pir: "motion",
  magnetic: "opening",
  flush: "running",
  pressure: "occupancy",
  electric: "power",
};

/** Two header lines, then `start date, start time, end date, end time, location, type, place`, split on white space. */
export const ordonezSensors: LineLayout = {
  name: "sensor intervals",
  recognise: ({ lines, zone }) =>
    hasHeader(lines, "location")
      ? intervals(zone, 3, ([location = "", type = "", place = ""]) => {
          const deviceClass = DEVICE_CLASSES[type.toLowerCase()];
          const entityId = `binary_sensor.${slugOf(place)}_${slugOf(location)}`;
          return { entityId, area: place, ...(deviceClass === undefined ? {} : { deviceClass }) };
        })
      : undefined,
};

/** Two header lines, then `start date, start time, end date, end time, activity`, split on white space. */
export const ordonezActivities: LineLayout = {
  name: "activity intervals",
  recognise: ({ lines, zone }) =>
    hasHeader(lines, "activity")
      ? intervals(zone, 1, ([label = ""]) => ({ entityId: `activity.${slugOf(label)}` }))
      : undefined,
};

function hasHeader(lines: readonly string[], third: string): boolean {
  const [names = "", rule = ""] = lines;
  return new RegExp(`^start time\\s+end time\\s+${third}\\b`, "i").test(names.trim()) && /^[-\s]+$/.test(rule);
}

function intervals(zone: Zone, labels: number, subjectOf: (labels: readonly string[]) => IntervalSubject): LineReader {
  function read(line: string): LineContent {
    const fields = line.trim().split(/\s+/);
    if (fields.length !== 4 + labels) return { reason: `${fields.length} fields where ${4 + labels} belong` };
    const [startDate, startTime, endDate, endTime, ...rest] = fields;
    const start = `${startDate} ${startTime}`;
    const end = `${endDate} ${endTime}`;
    const startAt = parseInstant(start, zone);
    if (startAt === undefined) return { reason: `"${shorten(start)}" is not a date and time` };
    const endAt = parseInstant(end, zone);
    if (endAt === undefined) return { reason: `"${shorten(end)}" is not a date and time` };
    return toChanges(subjectOf(rest), startAt, endAt);
  }
  return { headerLines: 2, read };
}
