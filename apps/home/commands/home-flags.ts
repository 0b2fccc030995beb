import { type CommandFlags, type CommandOption, MillraceError } from "millrace";
import type { Place } from "../domain/sun.ts";
import { isTimezone, openZone } from "../domain/zone.ts";
import { toEventPlace } from "../ingest/event-place.ts";
import { parseInstant } from "../ingest/timestamp.ts";

const LARGEST = 1_000;

/** The flags that both commands take. */
export const HOME_OPTIONS: readonly CommandOption[] = [
  {
    name: "events",
    value: "file",
    description:
      "the event file, or the postgres:// or mariadb:// address of a recorder; docs/guide/home.md lists the layouts",
    isRequired: true,
  },
  { name: "timezone", value: "zone", description: "the home's time zone, as an IANA name (default: UTC)" },
  { name: "latitude", value: "degrees", description: "where the home lies, north of the equator; with --longitude" },
  { name: "longitude", value: "degrees", description: "east of Greenwich (default: the city of the time zone)" },
  { name: "targets", value: "globs", description: "entities to find habits of, as in 'light.*,switch.*'" },
  { name: "max-rules", value: "number", description: "how many rules, at most (default: 10)" },
  { name: "max-false-per-day", value: "number", description: "wrong firings a day of all rules together (default: 2)" },
];

export const UNTIL_OPTION: CommandOption = {
  name: "until",
  value: "time",
  description: "learn only from what came before, as in 2026-03-01T00:00:00",
};

export interface HomeFlags {
  readonly path: string;
  readonly zone: string;
  readonly place?: Place;
  readonly targets?: readonly string[];
  readonly until?: number;
  readonly maxRules: number;
  readonly maxFalsePerDay: number;
}

/** Reads the flags of a command; throws INPUT_INVALID for one that cannot be meant, naming it. */
export function readHomeFlags(flags: CommandFlags): HomeFlags {
  const zone = flags["timezone"] ?? "UTC";
  if (!isTimezone(zone)) {
    throw invalid("timezone", `"${zone}" is not a known time zone`, "Give an IANA name, for example Europe/Amsterdam.");
  }
  const place = placeOf(flags);
  const targets = flags["targets"]
    ?.split(",")
    .map((glob) => glob.trim())
    .filter((glob) => glob !== "");
  return {
    path: toEventPlace(flags["events"] ?? ""),
    zone,
    ...(place === undefined ? {} : { place }),
    ...(targets === undefined || targets.length === 0 ? {} : { targets }),
    ...untilOf(flags["until"], zone),
    maxRules: numberOf(flags, "max-rules", { standard: 10, isWhole: true, from: 1, to: LARGEST }),
    maxFalsePerDay: numberOf(flags, "max-false-per-day", { standard: 2, from: 0, to: LARGEST }),
  };
}

function untilOf(text: string | undefined, zone: string): { readonly until?: number } {
  if (text === undefined) return {};
  const until = parseInstant(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00` : text, openZone(zone));
  if (until !== undefined) return { until };
  throw invalid("until", `"${text}" is not a time`, "Give ISO 8601, for example 2026-03-01T00:00:00 or 2026-03-01.");
}

function placeOf(flags: CommandFlags): Place | undefined {
  const { latitude, longitude } = flags;
  if (latitude === undefined && longitude === undefined) return undefined;
  if (latitude === undefined || longitude === undefined) {
    const missing = latitude === undefined ? "latitude" : "longitude";
    throw invalid(missing, "is missing", "A place is a latitude and a longitude: give both, or neither.");
  }
  return {
    latitude: numberOf(flags, "latitude", { standard: 0, from: -90, to: 90 }),
    longitude: numberOf(flags, "longitude", { standard: 0, from: -180, to: 180 }),
  };
}

interface NumberLimits {
  readonly standard: number;
  readonly from: number;
  readonly to: number;
  readonly isWhole?: boolean;
}

function numberOf(flags: CommandFlags, name: string, { standard, from, to, isWhole = false }: NumberLimits): number {
  const text = flags[name];
  if (text === undefined) return standard;
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (value >= from && value <= to && (!isWhole || Number.isInteger(value))) return value;
  throw invalid(name, `"${text}" is not one`, `Give a ${isWhole ? "whole " : ""}number from ${from} to ${to}.`);
}

function invalid(name: string, mistake: string, advice: string): MillraceError {
  return new MillraceError("INPUT_INVALID", `--${name}: ${mistake}.`, { advice });
}
