import type { MetricsSummary } from "millrace/http";
import { formatClock } from "../format/time.ts";

export interface Axis {
  readonly columns: readonly string[];
  readonly ticks: readonly { readonly column: number; readonly label: string }[];
}

const DAY_MS = 86_400_000;

/** Names the columns of a summary, and every fifteenth minute, fourth hour or fifth day below them. */
export function axisOf({ range, columns, columnMs }: MetricsSummary): Axis {
  const label = (at: number): string => (columnMs < DAY_MS ? formatClock(at) : dayOf(at));
  const every = { hour: 15, day: 4, month: 5 }[range];
  const starts = columns.map(({ at }) => Date.parse(at));
  return {
    columns: starts.map((at) => (columnMs < DAY_MS ? `${label(at)} to ${label(at + columnMs)}` : label(at))),
    ticks: starts.flatMap((at, column) => (isTick(at, column, range, every) ? [{ column, label: label(at) }] : [])),
  };
}

function isTick(at: number, column: number, range: MetricsSummary["range"], every: number): boolean {
  if (range === "hour") return new Date(at).getMinutes() % every === 0;
  if (range === "day") return new Date(at).getHours() % every === 0;
  return column % every === every - 1;
}

function dayOf(at: number): string {
  return new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" }).format(at);
}
