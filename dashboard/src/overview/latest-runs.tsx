import type { Page, RunSummary } from "millrace/http";
import { Empty } from "../components/empty.tsx";
import { formatNumber } from "../format/count.ts";
import { RunTable } from "../runs/run-table.tsx";

/** The newest runs, and the way to all of them. */
export function LatestRuns({ page }: { readonly page: Page<RunSummary> }) {
  return (
    <section class="panel" aria-labelledby="latest-title">
      <div class="panel-head">
        <h2 id="latest-title">Latest runs</h2>
        {page.total > 0 && <a href="/runs">All {formatNumber(page.total)}</a>}
      </div>
      {page.items.length === 0 ? (
        <Empty icon="runs" title="Nothing has run yet">
          Press "Run now" above.
        </Empty>
      ) : (
        <RunTable runs={page.items} caption="Latest runs" />
      )}
    </section>
  );
}
