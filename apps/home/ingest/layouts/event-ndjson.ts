import type { Zone } from "../../domain/zone.ts";
import { toEvent } from "../event-fields.ts";
import type { LineContent } from "../item.ts";
import type { LineLayout } from "../layout.ts";

/** One JSON object a line with the fields of the event CSV. */
export const eventNdjson: LineLayout = {
  name: "event NDJSON",
  recognise({ lines, zone }) {
    const isObjects = lines.some((line) => objectOf(line)?.["entity_id"] !== undefined);
    return isObjects ? { headerLines: 0, read: (line) => readObject(line, zone) } : undefined;
  },
};

function readObject(line: string, zone: Zone): LineContent {
  const object = objectOf(line);
  if (object === undefined) return { reason: "not a JSON object" };
  const time = object["time"] ?? object["last_changed"] ?? object["last_updated"];
  return toEvent(
    {
      time: textOf(time),
      entityId: textOf(object["entity_id"]),
      state: textOf(object["state"]),
      area: textOf(object["area"]),
      deviceClass: textOf(object["device_class"]),
      cause: textOf(object["cause"]),
    },
    zone,
  );
}

function objectOf(line: string): Readonly<Record<string, unknown>> | undefined {
  if (!/^\s*\{/.test(line)) return undefined;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}
