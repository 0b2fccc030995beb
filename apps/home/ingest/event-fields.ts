import { CAUSES } from "../domain/series.ts";
import type { Cause, HomeEvent } from "../domain/event.ts";
import type { Zone } from "../domain/zone.ts";
import type { LineContent } from "./item.ts";
import { parseInstant } from "./timestamp.ts";

/** The fields of an event as text; the optional ones may be empty. */
export interface EventFields {
  readonly time: string;
  readonly entityId: string;
  readonly state: string;
  readonly area?: string | undefined;
  readonly deviceClass?: string | undefined;
  readonly cause?: string | undefined;
}

/** Home Assistant allows no longer ones. */
const LONGEST_TEXT = 255;
const SWITCHES: ReadonlyMap<string, string> = new Map([
  ["on", "on"],
  ["off", "off"],
  ["true", "on"],
  ["false", "off"],
]);
/** Our own words for causes, and those that others use. */
const CAUSE_NAMES: ReadonlyMap<string, Cause> = new Map([
  ...CAUSES.map((cause) => [cause, cause] as const),
  ["person", "user"],
  ["human", "user"],
  ["manual", "user"],
  ["device", "physical"],
  ["automation_triggered", "automation"],
  ["script_started", "script"],
]);

/** Writes on, off, true and false in any case as on and off; every other state stays as it is. */
export function toState(text: string): string {
  const trimmed = text.trim();
  return (trimmed.length <= 5 ? SWITCHES.get(trimmed.toLowerCase()) : undefined) ?? trimmed;
}

/** Converts the fields of one line to its event, or says what is wrong with them. */
export function toEvent(fields: EventFields, zone: Zone): LineContent {
  const time = fields.time.trim();
  if (time === "") return { reason: "the time is missing" };
  const at = parseInstant(time, zone);
  if (at === undefined) return { reason: `"${shorten(time)}" is not a date and time` };
  const entityId = fields.entityId.trim();
  const mistake = mistakeIn("entity", entityId);
  if (mistake !== undefined) return { reason: mistake };
  const state = toState(fields.state);
  const stateMistake = mistakeIn("state", state);
  if (stateMistake !== undefined) return { reason: stateMistake };
  return [withoutBlanks({ at, entityId, state }, fields.area, fields.deviceClass, causeOf(fields.cause ?? ""))];
}

/** Cuts a text from a file so that it can be shown in a sentence. */
export function shorten(text: string): string {
  const printable = text.replaceAll(/\p{Cc}/gu, "?");
  return printable.length <= 60 ? printable : `${printable.slice(0, 57)}...`;
}

function mistakeIn(what: "entity" | "state", text: string): string | undefined {
  if (text === "") return `the ${what} is missing`;
  if (text.length > LONGEST_TEXT) return `the ${what} is longer than ${LONGEST_TEXT} characters`;
  if (/\p{Cc}/u.test(text)) return `the ${what} holds control characters`;
  if (text.includes("\uFFFD")) return `the ${what} is not written in UTF-8`;
  return undefined;
}

/** A remark that nobody here knows does not make the event wrong: its cause is then not known. */
function causeOf(text: string): Cause | undefined {
  if (text === "") return undefined;
  const cause = text.trim().toLowerCase();
  const domain = cause.split(".", 1)[0] ?? "";
  return CAUSE_NAMES.get(cause) ?? (domain === "automation" || domain === "script" ? domain : undefined);
}

function withoutBlanks(
  event: HomeEvent,
  area: string | undefined,
  deviceClass: string | undefined,
  cause: Cause | undefined,
): HomeEvent {
  const areaText = area?.trim().slice(0, LONGEST_TEXT) ?? "";
  const classText = deviceClass?.trim().slice(0, LONGEST_TEXT) ?? "";
  return {
    ...event,
    ...(areaText === "" ? {} : { area: areaText }),
    ...(classText === "" ? {} : { deviceClass: classText }),
    ...(cause === undefined ? {} : { cause }),
  };
}
