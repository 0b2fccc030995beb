import type { Database } from "millrace";
import type { HomeConfig } from "./config.ts";
import type { HomeAssistantConfig } from "./home-assistant/config.ts";
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

interface HomeAssistantSource extends SourceZone {
  readonly kind: "home-assistant";
  readonly settings: HomeAssistantConfig;
}

/** Where a run's events come from. */
export type HomeSource = FileSource | HomeAssistantSource | SampleSource;

export interface SourceParams {
  readonly config: HomeConfig;
  /** The time zone of the whole configuration. */
  readonly timezone: string;
}

/**
 * Chooses the events of a run: the input's file or home, else the configuration's file, else its first Home Assistant, else the sample home;
 * undefined when there is none of them.
 */
export function sourceOf(input: DailyInput, { config, timezone }: SourceParams): HomeSource | undefined {
  const path = input.events ?? config.events;
  const linked = input.events === undefined ? linkedHome(config, input.home) : undefined;
  const isConfigured = path === config.events;
  const zone: SourceZone = {
    timezone: input.timezone ?? config.timezone ?? timezone,
    isZoneAsked: input.timezone !== undefined || (isConfigured && config.timezone !== undefined),
  };
  if (linked !== undefined && (path === undefined || input.home !== undefined)) {
    return { kind: "home-assistant", settings: linked, ...zone };
  }
  if (path !== undefined) {
    const name = input.home ?? (isConfigured ? config.name : undefined) ?? homeOfFile(path);
    return { kind: "file", path, home: name, ...zone };
  }
  return config.sample ? { kind: "sample", seed: config.sampleSeed, ...zone } : undefined;
}

/** The Home Assistant of a home; without a name the first. */
export function linkedHome({ homeAssistant = [] }: HomeConfig, name?: string): HomeAssistantConfig | undefined {
  return name === undefined ? homeAssistant[0] : homeAssistant.find((home) => home.name === name);
}

/** Asks whether a home was read that is not made up: then nobody wants the sample home beside it unless they ask for it. */
export async function hasOwnHome(db: Database): Promise<boolean> {
  const { listHomes } = await import("./events/homes.ts");
  return (await listHomes({ db })).some(({ isSample }) => !isSample);
}
