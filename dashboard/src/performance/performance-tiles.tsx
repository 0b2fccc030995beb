import type { MetricsSummary } from "millrace/http";
import { Tile } from "../components/tile.tsx";
import { formatBytes } from "../format/bytes.ts";
import { formatNumber, formatPercent } from "../format/count.ts";
import { formatMs } from "./format-ms.ts";
import { RANGE_WORDS } from "./ranges.ts";

/** The figures that tell whether all is well. */
export function PerformanceTiles({ summary }: { readonly summary: MetricsSummary }) {
  const { columns, objectives, process, range } = summary;
  const latest = columns.findLast(({ requests }) => requests !== null)?.requests;
  const requests = columns.reduce((sum, column) => sum + (column.requests?.count ?? 0), 0);
  const failures = columns.reduce((sum, column) => sum + column.failures, 0);
  const missed = objectives.filter(({ state }) => state === "missed").length;
  const hits = columns.flatMap(({ hitRate }) => hitRate ?? []);
  return (
    <ul class="tiles tiles-narrow">
      <Tile
        label="Objectives missed"
        value={formatNumber(missed)}
        note={`of ${objectives.filter(({ state }) => state !== "unknown").length} that could be judged`}
      />
      <Tile
        label={`Requests, ${RANGE_WORDS[range]}`}
        value={formatNumber(requests)}
        note={failures === 0 ? "none failed here" : `${formatNumber(failures)} failed here`}
        trend={columns.map((column) => column.requests?.count ?? 0)}
      />
      <Tile
        label="Answered within (p95)"
        value={latest === null || latest === undefined ? "–" : formatMs(latest.p95)}
        note={latest === null || latest === undefined ? "nothing was asked" : `half within ${formatMs(latest.p50)}`}
        trend={columns.flatMap((column) => column.requests?.p95 ?? [])}
      />
      <Tile
        label="Memory"
        value={process === null ? "–" : formatBytes(process.rssBytes)}
        note={process === null ? "not looked at" : `${formatBytes(process.heapUsedBytes)} of it heap`}
        trend={columns.flatMap(({ rssBytes }) => rssBytes ?? [])}
      />
      <Tile
        label="Cache hit rate"
        value={hits.length === 0 ? "–" : formatPercent(hits.reduce((sum, rate) => sum + rate, 0) / hits.length)}
        note={`mean of the ${RANGE_WORDS[range]}`}
        href="/cache"
        trend={hits}
      />
    </ul>
  );
}
