import type { CacheCountsView } from "millrace/http";
import { minuteColumns, minuteTicks } from "../charts/minutes.ts";
import { type Series, TimeChart } from "../charts/time-chart.tsx";
import { Empty } from "../components/empty.tsx";
import { FilterLinks } from "../components/filter-links.tsx";
import { formatNumber, formatPercent } from "../format/count.ts";
import { withQuery } from "../routing/match.ts";
import { askedOf, type Bucket, busiest, hitRateOf, sumNamespaces, sumOf } from "./history-buckets.ts";
import { JOINED_LOOK, LEVEL_LOOKS, LEVELS } from "./level-looks.ts";

const MOST_NAMESPACES = 8;

interface HitRatePanelProps {
  readonly buckets: readonly Bucket[];
  readonly by: "level" | "namespace";
}

/** Which share of the questions was answered from what was kept, minute by minute. */
export function HitRatePanel({ buckets, by }: HitRatePanelProps) {
  const whole = sumOf(buckets);
  const link = (name: "level" | "namespace", label: string) => ({
    href: withQuery("/cache", { by: name === "level" ? undefined : name }),
    label,
    isCurrent: by === name,
  });
  return (
    <section class="panel" aria-labelledby="hit-rate-title">
      <div class="panel-head">
        <h2 id="hit-rate-title">Hit rate, last hour</h2>
        <FilterLinks label="Split by" links={[link("level", "By level"), link("namespace", "By namespace")]} />
      </div>
      {askedOf(whole) === 0 ? (
        <Empty icon="cache" title="Nothing was asked in the last hour">
          Start an automation on the <a href="/">overview</a> or open a page of an app. Samples are taken every 10 s and
          kept for an hour by this process.
        </Empty>
      ) : (
        <TimeChart
          label={`Hit rate by ${by}, minute by minute`}
          columns={minuteColumns(buckets)}
          ticks={minuteTicks(buckets)}
          kind={by === "level" ? "stack" : "lines"}
          series={by === "level" ? byLevel(buckets, whole) : byNamespace(buckets)}
          top={1}
          format={formatPercent}
          whole="Last hour"
          volume={{
            name: "Questions",
            values: buckets.map(({ total }) => askedOf(total)),
            whole: formatNumber(askedOf(whole)),
          }}
        />
      )}
    </section>
  );
}

function byLevel(buckets: readonly Bucket[], whole: CacheCountsView): Series[] {
  const series = (name: string, tone: number, countOf: (counts: CacheCountsView) => number): Series => ({
    name,
    tone,
    values: buckets.map(({ total }) => (askedOf(total) === 0 ? null : countOf(total) / askedOf(total))),
    whole: formatPercent(countOf(whole) / Math.max(1, askedOf(whole))),
  });
  return [
    ...LEVELS.map((level) => series(LEVEL_LOOKS[level].label, LEVEL_LOOKS[level].tone, ({ hits }) => hits[level])),
    series(JOINED_LOOK.label, JOINED_LOOK.tone, ({ joined }) => joined),
  ];
}

function byNamespace(buckets: readonly Bucket[]): Series[] {
  const sums = sumNamespaces(buckets);
  return busiest(buckets, MOST_NAMESPACES).map((name, index) => {
    const rateOf = (counts: CacheCountsView | undefined) => (counts === undefined ? null : hitRateOf(counts));
    const whole = rateOf(sums[name]);
    return {
      name,
      tone: index + 1,
      values: buckets.map(({ namespaces }) => rateOf(namespaces[name])),
      whole: whole === null ? "–" : formatPercent(whole),
    };
  });
}
