import type { Page } from "millrace/http";
import { Tile } from "../../../dashboard/src/components/tile.tsx";
import { useResource } from "../../../dashboard/src/data/use-resource.ts";
import { formatNumber } from "../../../dashboard/src/format/count.ts";
import { runsEnded } from "../../../dashboard/src/live/live.ts";
import type { PatternView, SuggestionView } from "../api.ts";

/** What waits for a decision, and what was found. */
export function HomeTiles() {
  const drafts = useResource<Page<SuggestionView>>("/api/home/suggestions?status=draft&limit=1", runsEnded);
  const patterns = useResource<Page<PatternView>>("/api/home/patterns?limit=1", runsEnded);
  return (
    <>
      <Tile
        label="Drafts waiting"
        value={drafts.state.status === "ready" ? formatNumber(drafts.state.data.total) : "–"}
        note="Decide on the suggestions"
        href="/home/suggestions?status=draft"
      />
      <Tile
        label="Patterns found"
        value={patterns.state.status === "ready" ? formatNumber(patterns.state.data.total) : "–"}
        note="See what they rest on"
        href="/home/patterns"
      />
    </>
  );
}
