import type { NamedTimes } from "millrace/http";
import { formatNumber } from "../format/count.ts";
import { formatMs } from "./format-ms.ts";

interface TimesTableProps {
  readonly caption: string;
  readonly noun: string;
  readonly rows: readonly NamedTimes[];
}

/** Percentiles by name. */
export function TimesTable({ caption, noun, rows }: TimesTableProps) {
  if (rows.length === 0) return null;
  return (
    <table class="table cards-when-narrow">
      <caption class="visually-hidden">{caption}</caption>
      <thead>
        <tr>
          <th scope="col">{noun}</th>
          <th scope="col" class="number">
            Count
          </th>
          {["p50", "p95", "p99"].map((name) => (
            <th key={name} scope="col" class="number">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ name, count, ...times }) => (
          <tr key={name}>
            <th scope="row">
              <code>{name}</code>
            </th>
            <td data-label="Count" class="number">
              {formatNumber(count)}
            </td>
            {(["p50", "p95", "p99"] as const).map((quantile) => (
              <td key={quantile} data-label={quantile} class="number nowrap">
                {formatMs(times[quantile])}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
