import type { Database } from "millrace";
import type { HomeConfig } from "./config.ts";
import { type DailyInput, homeOfFile } from "./daily-input.ts";

interface SourceZone {
  /** The time zone that events are read and mined in. */
  readonly timezone: string;
  /** False: nobody asked for this zone, so a home that is known already keeps its own. */
  readonly isZoneAsked: boolean;
}

interface FileSource extends SourceZone {
  readonly kind: "file";
  readonly path: string;
  readonly home: string;
}

interface SampleSource extends SourceZone {
  readonly kind: "sample";
  readonly seed: number;
}

/** Where a run's events come from. */
export type HomeSource = FileSource | SampleSource;

export interface SourceParams {
  readonly config: HomeConfig;
  /** The time zone of the whole configuration. */
  readonly timezone: string;
}

/** Chooses the events of a run: the input's file, else the configuration's, else the sample home; undefined when there is none of them. */
export function sourceOf(input: DailyInput, { config, timezone }: SourceParams): HomeSource | undefined {
  const path = input.events ?? config.events;
  const isConfigured = path === config.events;
  const zone: SourceZone = {
    timezone: input.timezone ?? config.timezone ?? timezone,
    isZoneAsked: input.timezone !== undefined || (isConfigured && config.timezone !== undefined),
  };
  if (path !== undefined) {
    const name = input.home ?? (isConfigured ? config.name : undefined) ?? homeOfFile(path);
    return { kind: "file", path, home: name, ...zone };
  }
  return config.sample ? { kind: "sample", seed: config.sampleSeed, ...zone } : undefined;
}

/** Asks whether a home was read that is not made up: then nobody wants the sample home beside it unless they ask for it. */
export async function hasOwnHome(db: Database): Promise<boolean> {
  const { listHomes } = await import("./events/homes.ts");
  return (await listHomes({ db })).some(({ isSample }) => !isSample);
}
