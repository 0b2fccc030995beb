import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import type { Zone } from "../../domain/zone.ts";
import { type IntervalSubject, toChanges } from "../interval.ts";
import type { LineContent } from "../item.ts";
import type { LineLayout } from "../layout.ts";
import { slugOf } from "../slug.ts";

const LINE = /^\s*(\d{9,10})\t(\d{1,9})\t(\d{1,6})\s*$/;

interface Kind {
  readonly domain: string;
  readonly fallback: string;
  readonly namesExtension: string;
  readonly areasExtension?: string;
}
const SENSORS: Kind = {
  domain: "binary_sensor",
  fallback: "sensor",
  namesExtension: ".sensor_names",
  areasExtension: ".meta_features",
};
const ACTIVITIES: Kind = { domain: "activity", fallback: "activity", namesExtension: ".activity_names" };

/**
 * `start (seconds), length (seconds), id`, split by tabs; names lie in a file beside it. The seconds count from 1970 on the clock on
 * the wall, not in UTC.
 */
export const kasteren: LineLayout = {
  name: "numbered intervals",
  async recognise({ path, lines, zone }) {
    if (!lines.some((line) => LINE.test(line))) return undefined;
    const kind = extname(path) === ".activities" ? ACTIVITIES : SENSORS;
    const names = await besideFile(path, kind.namesExtension);
    const areas = kind.areasExtension === undefined ? "" : await besideFile(path, kind.areasExtension);
    const subjects = subjectsOf(kind, names, areas);
    return {
      headerLines: 0,
      context: `${names}\n${areas}`,
      read: (line) => readLine(line, zone, (id) => subjects.get(id) ?? unnamed(kind, id)),
    };
  },
};

/** The files beside a file of this layout that decide what it means. */
export function namesBeside(path: string): readonly string[] {
  const stem = path.slice(0, path.length - extname(path).length);
  return [SENSORS, ACTIVITIES].flatMap(({ namesExtension, areasExtension }) =>
    areasExtension === undefined ? [stem + namesExtension] : [stem + namesExtension, stem + areasExtension],
  );
}

function readLine(line: string, zone: Zone, subjectOf: (id: string) => IntervalSubject): LineContent {
  const match = LINE.exec(line);
  if (match === null) return { reason: "not three numbers split by tabs" };
  const [, start, length, id = ""] = match;
  const startMs = Number(start) * 1_000;
  return toChanges(subjectOf(id), zone.instant(startMs), zone.instant(startMs + Number(length) * 1_000));
}

function subjectsOf(kind: Kind, names: string, areas: string): ReadonlyMap<string, IntervalSubject> {
  const areaOfName = new Map(rowsOf(areas).map(([area, name]) => [name.toLowerCase(), area]));
  return new Map(
    rowsOf(names).map(([id, name]) => {
      const area = areaOfName.get(name.toLowerCase());
      return [id, { entityId: `${kind.domain}.${slugOf(name)}`, ...(area === undefined ? {} : { area }) }];
    }),
  );
}

function unnamed({ domain, fallback }: Kind, id: string): IntervalSubject {
  return { entityId: `${domain}.${fallback}_${id}` };
}

function rowsOf(text: string): readonly (readonly [string, string])[] {
  return text.split(/\r?\n/).flatMap((line) => {
    const [first = "", second = ""] = line.split("\t").map((field) => field.trim());
    return first === "" || second === "" ? [] : [[first, second] as const];
  });
}

async function besideFile(path: string, extension: string): Promise<string> {
  const beside = path.slice(0, path.length - extname(path).length) + extension;
  return readFile(beside, "utf8").catch(() => "");
}
