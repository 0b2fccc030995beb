import type { MetricsColumn, MetricsSummary, TimesView } from "millrace/http";
import { niceTop } from "../charts/chart-geometry.ts";
import { TimeChart } from "../charts/time-chart.tsx";
import { Empty } from "../components/empty.tsx";
import { formatNumber } from "../format/count.ts";
import { axisOf } from "./columns.ts";
import { formatMs } from "./format-ms.ts";
import { RANGE_WORDS } from "./ranges.ts";

const QUANTILES = [
  { name: "p99", tone: 6 },
  { name: "p95", tone: 2 },
  { name: "p50", tone: 1 },
] as const;

interface TimesChartProps {
  readonly summary: MetricsSummary;
  readonly of: (column: MetricsColumn) => TimesView | null;
  readonly title: string;
  readonly noun: string;
}

/** Percentiles over time, with how much there was below. */
export function TimesChart({ summary, of, title, noun }: TimesChartProps) {
  const seen = summary.columns.map(of);
  const count = seen.reduce((sum, times) => sum + (times?.count ?? 0), 0);
  if (count === 0) {
    return (
      <Empty icon="clock" title={`No ${noun} in the ${RANGE_WORDS[summary.range]}`}>
        What comes from now on is counted every five seconds.
      </Empty>
    );
  }
  const last = seen.findLast((times) => times !== null);
  return (
    <TimeChart
      label={title}
      {...axisOf(summary)}
      kind="lines"
      series={QUANTILES.map(({ name, tone }) => ({
        name,
        tone,
        values: seen.map((times) => times?.[name] ?? null),
        whole: last === null || last === undefined ? "–" : formatMs(last[name]),
      }))}
      top={niceTop(Math.max(1, ...seen.map((times) => times?.p99 ?? 0)))}
      format={formatMs}
      whole="Latest"
      volume={{ name: noun, values: seen.map((times) => times?.count ?? 0), whole: formatNumber(count) }}
    />
  );
}
