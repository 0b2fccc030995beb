import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readSeries } from "../../apps/home/commands/read-series.ts";
import { openZone } from "../../apps/home/domain/zone.ts";
import type { EventSeries } from "../../apps/home/domain/series.ts";

/* Homes that were recorded, beside the checkout: docs/guide/home.md says which; they are not part of the repository. */

const FOLDER = new URL("../../../shared/data/home/", import.meta.url);

/** Their clocks are taken as they are written. */
export const RECORDED_ZONE = "UTC";

export interface RecordedHome {
  readonly name: string;
  readonly path: string;
  /** Whose changes are to be foreseen; left out: of every sensor. */
  readonly targets?: readonly string[];
}

const HOMES: readonly RecordedHome[] = [
  { name: "Kasteren A", path: "kasteren/houseA.sensors" },
  { name: "Kasteren B", path: "kasteren/houseB.sensors" },
  { name: "Kasteren C", path: "kasteren/houseC.sensors" },
  { name: "Ordonez A", path: "ordonez/OrdonezA_Sensors.txt" },
  { name: "Ordonez B", path: "ordonez/OrdonezB_Sensors.txt" },
  { name: "CASAS tm000", path: "casas-cil-tm000.txt", targets: ["*door*", "*bed*", "*toilet*"] },
  {
    name: "HASS",
    path: "hass-data-detective-analysis/sensors_binary.csv",
    targets: ["*motion_at_home*", "*bayesian*"],
  },
];

/** The recorded homes that are there. */
export function recordedHomes(): readonly RecordedHome[] {
  return HOMES.filter(({ path }) => existsSync(new URL(path, FOLDER)));
}

export function readRecorded({ path }: RecordedHome): Promise<EventSeries> {
  return readSeries({ path: fileURLToPath(new URL(path, FOLDER)), zone: openZone(RECORDED_ZONE) });
}
