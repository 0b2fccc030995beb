import type { UsageView } from "millrace/http";
import { niceTop } from "../charts/chart-geometry.ts";
import { TimeChart } from "../charts/time-chart.tsx";
import { formatNumber } from "../format/count.ts";
import { formatDate } from "../format/time.ts";
import { formatUsd } from "../format/usd.ts";

const DAY_MS = 86_400_000;
const TICK_DAYS = 7;

interface CostByDayProps {
  readonly days: readonly UsageView[];
  /** The beginning of the last day, milliseconds since the epoch, UTC. */
  readonly today: number;
  readonly count: number;
}

/** Money by UTC day: what was paid, and on top of it what would have been paid without kept answers. */
export function CostByDay({ days, today, count }: CostByDayProps) {
  const known = new Map(days.map((day) => [day.group, day]));
  const dates = Array.from({ length: count }, (_, index) =>
    new Date(today - (count - 1 - index) * DAY_MS).toISOString().slice(0, 10),
  );
  const each = dates.map((date) => known.get(date));
  const sum = (valueOf: (day: UsageView) => number) => days.reduce((all, day) => all + valueOf(day), 0);
  return (
    <section class="panel" aria-labelledby="cost-title">
      <div class="panel-head">
        <h2 id="cost-title">Cost by day</h2>
      </div>
      <TimeChart
        label="Cost by day"
        columns={dates.map(formatDate)}
        ticks={dates.flatMap((date, column) =>
          (count - 1 - column) % TICK_DAYS === 0 && column > 0 ? [{ column, label: formatDate(date) }] : [],
        )}
        kind="stack"
        series={[
          {
            name: "Paid",
            tone: 2,
            values: each.map((day) => day?.usd ?? null),
            whole: formatUsd(sum(({ usd }) => usd)),
          },
          {
            name: "Saved by kept answers",
            tone: 4,
            values: each.map((day) => day?.savedUsd ?? null),
            whole: formatUsd(sum(({ savedUsd }) => savedUsd)),
          },
        ]}
        top={niceTop(Math.max(0, ...each.map((day) => (day === undefined ? 0 : day.usd + day.savedUsd))))}
        format={formatUsd}
        whole={`All ${count} days`}
        volume={{
          name: "Calls",
          values: each.map((day) => day?.calls ?? 0),
          whole: formatNumber(sum(({ calls }) => calls)),
        }}
      />
    </section>
  );
}
