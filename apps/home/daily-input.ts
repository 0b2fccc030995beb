import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { basename, extname } from "node:path";
import type { Schema } from "millrace";
import { z } from "zod";
import { HomeName, Timezone } from "./config.ts";
import {
  hasPassword,
  isAddress,
  isMariadb,
  mistakeOfAddress,
  toEventPlace,
  withoutPassword,
} from "./ingest/event-place.ts";

const EventsPath = z
  .string()
  .min(1, "Give the path of an event file")
  .transform(toEventPlace)
  .superRefine(async (place, context) => {
    const mistake = isAddress(place) ? mistakeOfInput(place) : await mistakeOfFile(place);
    if (mistake !== undefined) context.addIssue({ code: "custom", message: mistake });
  });

export interface DailyInput {
  /** The event file, as an absolute path, or the address of a recorder on Postgres or MariaDB. Default: what the configuration says, else the sample home. */
  readonly events?: string | undefined;
  /** IANA name. Default: what the configuration says. */
  readonly timezone?: string | undefined;
  /** Joins files into one home (default: each file is a home of its own), or names one that has a Home Assistant. */
  readonly home?: string | undefined;
}

export interface DailyInputOptions {
  /** Whether there is a home to read when the input names no file. */
  readonly hasHome: boolean;
  /** The homes that have a Home Assistant. */
  readonly linkedHomes?: readonly string[];
  /** The time zone in which the home of this input was read before; undefined for a new home. */
  readonly knownZone: (input: DailyInput) => Promise<string | undefined>;
}

/**
 * Makes the schema for the input of `home.daily`, which checks everything before a run exists: unknown fields are refused, the file must
 * be readable, the time zone known. No input means the home of the configuration. A relative path counts from the working folder.
 */
export function dailyInput({ hasHome, linkedHomes = [], knownZone }: DailyInputOptions): Schema<DailyInput> {
  const input = z
    .object({ events: EventsPath.optional(), timezone: Timezone.optional(), home: HomeName.optional() })
    .catchall(z.custom<unknown>(() => false, "is not a field of this input: known are events, timezone and home"))
    .refine(({ events, home }) => home === undefined || events !== undefined || linkedHomes.includes(home), {
      path: ["home"],
      error: "A home is named together with its file, unless it has a Home Assistant: give events as well",
    })
    .refine(({ events }) => hasHome || events !== undefined, {
      path: ["events"],
      error: "Give the path of an event file: the configuration names none",
    })
    .superRefine(async (given, context) => {
      const known = given.timezone === undefined ? undefined : await knownZone(given);
      if (known === undefined || known === given.timezone) return;
      const message = `This home was read in the time zone ${known}: leave it out, or give the home another name`;
      context.addIssue({ code: "custom", path: ["timezone"], message });
    });
  return z.preprocess((value) => value ?? {}, input);
}

/**
 * Names the home of a file for which no name was given: a readable part of the file's name and eight digits of the hash of its absolute
 * path. So the same file is the same home at every run, and files of the same name in two folders are two homes.
 */
export function homeOfFile(path: string): string {
  const absolute = withoutPassword(toEventPlace(path));
  const slug = basename(absolute, extname(absolute))
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "")
    .slice(0, 40);
  const hash = createHash("sha256").update(absolute).digest("hex").slice(0, 8);
  return `${slug === "" ? "home" : slug}-${hash}`;
}

/** The input of a run is stored and shown, so it holds no secret. */
function mistakeOfInput(address: string): string | undefined {
  if (!hasPassword(address)) return mistakeOfAddress(address);
  const place = isMariadb(address) ? "" : "it as PGPASSWORD or in ~/.pgpass, or ";
  return `Leave the password out, as the input of a run is kept: give ${place}the whole address as MILLRACE_HOME_EVENTS`;
}

async function mistakeOfFile(path: string): Promise<string | undefined> {
  try {
    if (!(await stat(path)).isFile()) return `${path} is not a file`;
    await access(path, constants.R_OK);
    return undefined;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" || code === "ENOTDIR") return `There is no file ${path}`;
    if (code === "EACCES" || code === "EPERM") return `This user may not read ${path}`;
    return `${path} cannot be read${typeof code === "string" ? ` (${code})` : ""}`;
  }
}
