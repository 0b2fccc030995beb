import type { CacheView } from "millrace/http";
import { Tile } from "../components/tile.tsx";
import { formatCount, formatNumber, formatPercent } from "../format/count.ts";
import { askedOf, type Bucket, hitRateOf } from "./history-buckets.ts";

/** The figures of the process so far, each with its last hour. */
export function CacheTiles({ view, buckets }: { readonly view: CacheView; readonly buckets: readonly Bucket[] }) {
  const { total, levels } = view;
  const evictions = levels.reduce((sum, level) => sum + level.evictions, 0);
  const trend = (pick: (bucket: Bucket) => number): readonly number[] => buckets.map(pick);
  return (
    <ul class="tiles tiles-narrow">
      <Tile
        label="Hit rate"
        value={total.hitRate === null ? "–" : formatPercent(total.hitRate)}
        note={`of ${formatCount(askedOf(total), "question")} since the start`}
        trend={buckets.flatMap(({ total: minute }) => hitRateOf(minute) ?? [])}
      />
      <Tile
        label="Stampedes joined"
        value={formatNumber(total.joined)}
        note="callers shared the work of another"
        trend={trend((bucket) => bucket.total.joined)}
      />
      <Tile
        label="Stale served"
        value={formatNumber(total.staleServed)}
        note="old answers given within their grace"
        trend={trend((bucket) => bucket.total.staleServed)}
      />
      <Tile
        label="Evictions"
        value={formatNumber(evictions)}
        note="entries went for want of room"
        trend={trend((bucket) => bucket.evictions)}
      />
      <Tile
        label="Factory failures"
        value={formatNumber(total.factoryFailures)}
        note={`of ${formatCount(total.factoryRuns, "run")}`}
        trend={trend((bucket) => bucket.total.factoryFailures)}
      />
    </ul>
  );
}
