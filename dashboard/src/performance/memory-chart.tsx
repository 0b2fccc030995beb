import type { MetricsSummary } from "millrace/http";
import { niceTop } from "../charts/chart-geometry.ts";
import { TimeChart } from "../charts/time-chart.tsx";
import { formatBytes } from "../format/bytes.ts";
import { axisOf } from "./columns.ts";
import { formatMs } from "./format-ms.ts";

/** What the processes took, over time. */
export function MemoryChart({ summary }: { readonly summary: MetricsSummary }) {
  const { columns } = summary;
  const last = columns.findLast(({ rssBytes }) => rssBytes !== null);
  const series = [
    { name: "Resident", tone: 1, of: "rssBytes" },
    { name: "Heap", tone: 2, of: "heapBytes" },
    { name: "Outside of the heap", tone: 6, of: "externalBytes" },
  ] as const;
  return (
    <TimeChart
      label="Memory over time"
      {...axisOf(summary)}
      kind="lines"
      series={series.map(({ name, tone, of }) => ({
        name,
        tone,
        values: columns.map((column) => column[of]),
        whole: last === undefined ? "–" : formatBytes(last[of] ?? 0),
      }))}
      top={niceTop(Math.max(1e6, ...columns.map(({ rssBytes }) => rssBytes ?? 0)))}
      format={formatBytes}
      whole="Latest"
    />
  );
}

/** How late the event loop was, over time. */
export function LoopDelayChart({ summary }: { readonly summary: MetricsSummary }) {
  const values = summary.columns.map(({ loopDelayMs }) => loopDelayMs);
  const last = values.findLast((value) => value !== null);
  return (
    <TimeChart
      label="Delay of the event loop over time"
      {...axisOf(summary)}
      kind="lines"
      series={[
        {
          name: "Largest p99",
          tone: 6,
          values,
          whole: last === undefined || last === null ? "–" : formatMs(last),
        },
      ]}
      top={niceTop(Math.max(10, ...values.map((value) => value ?? 0)))}
      format={formatMs}
      whole="Latest"
    />
  );
}
