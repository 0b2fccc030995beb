import type { RunSummary } from "millrace/http";
import { Empty } from "../components/empty.tsx";
import { FilterLinks } from "../components/filter-links.tsx";
import { LoadedView } from "../components/loaded-view.tsx";
import { LoadMore } from "../components/load-more.tsx";
import { PageHeader } from "../components/page-header.tsx";
import { Skeleton } from "../components/skeleton.tsx";
import { usePages } from "../data/use-pages.ts";
import { runsChanged } from "../live/live.ts";
import type { PageProps } from "../page-types.ts";
import { withQuery } from "../routing/match.ts";
import { RunTable } from "../runs/run-table.tsx";

const STATUSES = [
  "running",
  "queued",
  "waiting",
  "done",
  "failed",
  "canceled",
] as const satisfies RunSummary["status"][];

/** Every run, newest first. */
export function Runs({ query }: PageProps) {
  const status = STATUSES.find((name) => name === query.get("status"));
  const list = usePages<RunSummary>("/api/runs", { status }, runsChanged);
  return (
    <>
      <PageHeader title="Runs" lead="Every execution of an automation, newest first." />
      <FilterLinks
        label="Status"
        links={[
          { href: "/runs", label: "All", isCurrent: status === undefined },
          ...STATUSES.map((name) => ({
            href: withQuery("/runs", { status: name }),
            label: name.charAt(0).toUpperCase() + name.slice(1),
            isCurrent: name === status,
          })),
        ]}
      />
      <LoadedView state={list.state} onRetry={list.reload} skeleton={<Skeleton rows={8} height={44} />}>
        {(page) =>
          page.items.length === 0 ? (
            <NoRuns status={status} />
          ) : (
            <section class="panel" aria-label="Runs">
              <RunTable runs={page.items} caption={status === undefined ? "All runs" : `Runs: ${status}`} />
              <LoadMore list={list} page={page} noun="runs" />
            </section>
          )
        }
      </LoadedView>
    </>
  );
}

function NoRuns({ status }: { readonly status: string | undefined }) {
  if (status !== undefined) {
    return (
      <Empty icon="runs" title={`No run is ${status}`}>
        Look at <a href="/runs">all runs</a>.
      </Empty>
    );
  }
  return (
    <Empty icon="runs" title="Nothing has run yet">
      Start an automation on the <a href="/">overview</a>, or type <code>millrace run home.daily</code>.
    </Empty>
  );
}
