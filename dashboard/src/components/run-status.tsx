import type { RunSummary } from "millrace/http";
import { StatusBadge } from "./status-badge.tsx";

/** How a run stands, and the code of what it failed with. */
export function RunStatus({ run }: { readonly run: RunSummary }) {
  return (
    <>
      <StatusBadge status={run.status} />
      {run.error && (
        <span class="row-error">
          <code>{run.error.code}</code>
        </span>
      )}
    </>
  );
}
