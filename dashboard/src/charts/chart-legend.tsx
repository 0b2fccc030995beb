import { formatNumber } from "../format/count.ts";
import type { TimeChartProps } from "./time-chart.tsx";

/** The key of a chart, with the values of the chosen column, or of all. */
export function ChartLegend({
  columns,
  series,
  format,
  whole,
  volume,
  chosen,
}: TimeChartProps & { readonly chosen: number | null }) {
  const valueOf = (values: readonly (number | null)[]): string => {
    const value = chosen === null ? null : (values[chosen] ?? null);
    return value === null ? "–" : format(value);
  };
  return (
    <>
      <p class="chart-when">{chosen === null ? whole : columns[chosen]}</p>
      <ul class="chart-key">
        {series.map((each) => (
          <li key={each.name}>
            <Swatch tone={each.tone} />
            <span>{each.name}</span>
            <span class="chart-value number">{chosen === null ? each.whole : valueOf(each.values)}</span>
          </li>
        ))}
        {volume && (
          <li>
            <span class="swatch swatch-volume" aria-hidden="true" />
            <span>{volume.name}</span>
            <span class="chart-value number">
              {chosen === null ? volume.whole : formatNumber(volume.values[chosen] ?? 0)}
            </span>
          </li>
        )}
      </ul>
    </>
  );
}

/** The colour of a series, beside its name. */
export function Swatch({ tone }: { readonly tone: number }) {
  return <span class={`swatch tone-${tone}`} aria-hidden="true" />;
}
