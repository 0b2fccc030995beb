import { useSignal } from "@preact/signals";
import { formatNumber } from "../format/count.ts";
import type { TimeChartProps } from "./time-chart.tsx";

/** The values of a chart as a table, newest first; columns without any are left out. */
export function ChartTable({ label, columns, series, format, volume }: TimeChartProps) {
  const isOpen = useSignal(false);
  return (
    <details class="chart-table" onToggle={(event) => (isOpen.value = event.currentTarget.open)}>
      <summary>As a table</summary>
      {isOpen.value && (
        <div class="scroll-box" tabIndex={0} role="region" aria-label={`${label}, as a table`}>
          <table class="table">
            <thead>
              <tr>
                <th scope="col">Time</th>
                {series.map(({ name }) => (
                  <th key={name} scope="col" class="number">
                    {name}
                  </th>
                ))}
                {volume && (
                  <th scope="col" class="number">
                    {volume.name}
                  </th>
                )}
              </tr>
            </thead>
            <tbody>
              {columns
                .map((name, index) => ({ name, index }))
                .filter(({ index }) => series.some(({ values }) => (values[index] ?? null) !== null))
                .toReversed()
                .map(({ name, index }) => (
                  <tr key={name}>
                    <th scope="row" class="nowrap">
                      {name}
                    </th>
                    {series.map((each) => {
                      const value = each.values[index] ?? null;
                      return (
                        <td key={each.name} class="number">
                          {value === null ? "–" : format(value)}
                        </td>
                      );
                    })}
                    {volume && <td class="number">{formatNumber(volume.values[index] ?? 0)}</td>}
                  </tr>
                ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  );
}
