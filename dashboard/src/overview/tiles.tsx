import type { AutomationView } from "millrace/http";
import { Tile } from "../components/tile.tsx";
import { now } from "../data/now.ts";
import { formatInstant, relativeTime } from "../format/time.ts";
import { APP_PAGES } from "../pages.ts";
import { nextScheduled } from "./next-scheduled.ts";

/** The figures that matter, the apps' own among them. */
export function Tiles({ automations }: { readonly automations: readonly AutomationView[] }) {
  const next = nextScheduled(automations);
  return (
    <ul class="tiles">
      {APP_PAGES.map(({ name, tiles: AppTiles }) => AppTiles && <AppTiles key={name} />)}
      <Tile
        label="Next schedule"
        value={next === undefined ? "None" : relativeTime(next.at, now.value)}
        note={
          next === undefined
            ? "No automation has a schedule."
            : `${next.name}, ${formatInstant(next.at, { now: now.value, timezone: next.timezone })} ${next.timezone}`
        }
      />
    </ul>
  );
}
