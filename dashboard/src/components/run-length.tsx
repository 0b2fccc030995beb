import type { RunSummary } from "millrace/http";
import { now } from "../data/now.ts";
import { formatDuration } from "../format/duration.ts";

/** How long a run took, or has been running. */
export function RunLength({ run }: { readonly run: RunSummary }) {
  if (run.status === "running" && run.startedAt !== null) {
    return <>{formatDuration(Math.floor((now.value - Date.parse(run.startedAt)) / 1_000) * 1_000)}</>;
  }
  return <>{run.ms === null ? "not started" : formatDuration(run.ms)}</>;
}
