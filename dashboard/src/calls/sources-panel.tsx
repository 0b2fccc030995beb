import { TimeChart } from "../charts/time-chart.tsx";
import { minuteColumns, minuteTicks } from "../charts/minutes.ts";
import { formatNumber, formatPercent } from "../format/count.ts";
import { callsIn, countSources, type Minute } from "./activity-minutes.ts";
import { SOURCE_LOOKS } from "./source-looks.ts";

/** Which share of the answers each source gave, minute by minute. */
export function SourcesPanel({ minutes }: { readonly minutes: readonly Minute[] }) {
  const calls = minutes.reduce((sum, minute) => sum + callsIn(minute), 0);
  return (
    <section class="panel" aria-labelledby="sources-title">
      <div class="panel-head">
        <h2 id="sources-title">Where answers came from, last hour</h2>
      </div>
      <TimeChart
        label="Share of each source, minute by minute"
        columns={minuteColumns(minutes)}
        ticks={minuteTicks(minutes)}
        kind="stack"
        series={countSources(minutes).map(({ source, count }) => ({
          name: SOURCE_LOOKS[source].label,
          tone: SOURCE_LOOKS[source].tone,
          values: minutes.map((minute) =>
            callsIn(minute) === 0 ? null : (minute.seen?.sources[source] ?? 0) / callsIn(minute),
          ),
          whole: formatPercent(count / Math.max(1, calls)),
        }))}
        top={1}
        format={formatPercent}
        whole="Last hour"
        volume={{ name: "Calls", values: minutes.map(callsIn), whole: formatNumber(calls) }}
      />
    </section>
  );
}
