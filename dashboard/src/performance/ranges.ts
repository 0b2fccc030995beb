import type { MetricsRange } from "millrace/http";

export const RANGES = ["hour", "day", "month"] as const satisfies readonly MetricsRange[];

export const RANGE_WORDS: Readonly<Record<MetricsRange, string>> = {
  hour: "last hour",
  day: "last 24 hours",
  month: "last 30 days",
};
