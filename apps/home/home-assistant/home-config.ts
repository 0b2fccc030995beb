import { ask, type Connection } from "./connection.ts";

/** What a home says about itself. */
export interface HomeFacts {
  readonly version: string;
  /** IANA name. */
  readonly timezone: string;
  /** Degrees north and east. */
  readonly latitude: number;
  readonly longitude: number;
  readonly temperatureUnit: "°C" | "°F";
  readonly state: string;
}

interface RawConfig {
  readonly version?: unknown;
  readonly time_zone?: unknown;
  readonly latitude?: unknown;
  readonly longitude?: unknown;
  readonly unit_system?: { readonly temperature?: unknown };
  readonly state?: unknown;
}

/** Reads version, zone, place and units. */
export async function readHomeFacts(connection: Connection, signal?: AbortSignal): Promise<HomeFacts> {
  const { body } = await ask(connection, "/api/config", { signal });
  return toHomeFacts(body);
}

export function toHomeFacts(body: unknown): HomeFacts {
  const raw = (body ?? {}) as RawConfig;
  return {
    version: typeof raw.version === "string" ? raw.version : "0",
    timezone: typeof raw.time_zone === "string" ? raw.time_zone : "UTC",
    latitude: Number(raw.latitude ?? 0),
    longitude: Number(raw.longitude ?? 0),
    temperatureUnit: raw.unit_system?.temperature === "°F" ? "°F" : "°C",
    state: typeof raw.state === "string" ? raw.state : "RUNNING",
  };
}
