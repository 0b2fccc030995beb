import type { CallsPage, RunSummary } from "millrace/http";
import { Empty } from "../../../dashboard/src/components/empty.tsx";
import { FilterLinks } from "../../../dashboard/src/components/filter-links.tsx";
import { Ago } from "../../../dashboard/src/components/instant.tsx";
import { LoadMore } from "../../../dashboard/src/components/load-more.tsx";
import { LoadedView } from "../../../dashboard/src/components/loaded-view.tsx";
import { PageHeader } from "../../../dashboard/src/components/page-header.tsx";
import { RunLength } from "../../../dashboard/src/components/run-length.tsx";
import { RunStatus } from "../../../dashboard/src/components/run-status.tsx";
import { Skeleton } from "../../../dashboard/src/components/skeleton.tsx";
import { usePages } from "../../../dashboard/src/data/use-pages.ts";
import { useResource } from "../../../dashboard/src/data/use-resource.ts";
import { formatNumber } from "../../../dashboard/src/format/count.ts";
import { shortId } from "../../../dashboard/src/format/short-id.ts";
import { formatUsd } from "../../../dashboard/src/format/usd.ts";
import { runsChanged, runsEnded } from "../../../dashboard/src/live/live.ts";
import type { PageProps } from "../../../dashboard/src/page-types.ts";
import { withQuery } from "../../../dashboard/src/routing/match.ts";

const PATH = "/home/history";
const AUTOMATIONS = [
  { name: "home.daily", label: "Daily" },
  { name: "home.refine", label: "Refined in words" },
  { name: "home.deploy", label: "Deployed or rolled back" },
  { name: "home.watch", label: "Looked after" },
] as const;

/** The runs of the home app and what each of them cost. */
export function HistoryPage({ query }: PageProps) {
  const { name } = AUTOMATIONS.find((each) => each.name === query.get("automation")) ?? AUTOMATIONS[0];
  const list = usePages<RunSummary>("/api/runs", { automation: name }, runsChanged);
  return (
    <>
      <PageHeader title="History" lead="What the home app did, how long it took, and what it cost." />
      <FilterLinks
        label="What"
        links={AUTOMATIONS.map((each) => ({
          href: withQuery(PATH, { automation: each.name }),
          label: each.label,
          isCurrent: each.name === name,
        }))}
      />
      <LoadedView state={list.state} onRetry={list.reload} skeleton={<Skeleton rows={8} height={44} />}>
        {(page) =>
          page.items.length === 0 ? (
            <Empty icon="runs" title="There was no such run yet">
              Start home.daily on the <a href="/">overview</a>, or decide on the{" "}
              <a href="/home/suggestions">suggestions</a>.
            </Empty>
          ) : (
            <section class="panel" aria-label="Runs">
              <table class="table cards-when-narrow">
                <caption class="visually-hidden">Runs of {name}</caption>
                <thead>
                  <tr>
                    <th scope="col">Run</th>
                    <th scope="col">Status</th>
                    <th scope="col">Started</th>
                    <th scope="col" class="number">
                      Took
                    </th>
                    <th scope="col" class="number">
                      Calls
                    </th>
                    <th scope="col" class="number">
                      Cost
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {page.items.map((run) => (
                    <Row key={run.id} run={run} />
                  ))}
                </tbody>
              </table>
              <LoadMore list={list} page={page} noun="runs" />
            </section>
          )
        }
      </LoadedView>
    </>
  );
}

/** More calls than a run of the home app makes. */
const MOST_CALLS = 200;

function Row({ run }: { readonly run: RunSummary }) {
  const { state } = useResource<CallsPage>(withQuery("/api/calls", { run: run.id, limit: MOST_CALLS }), runsEnded);
  const calls = state.status === "ready" ? state.data.items : undefined;
  return (
    <tr>
      <th scope="row">
        <a class="mono" href={`/runs/${encodeURIComponent(run.id)}`}>
          {shortId(run.id)}
        </a>
      </th>
      <td>
        <RunStatus run={run} />
      </td>
      <td data-label="Started">
        <Ago at={run.startedAt ?? run.createdAt} />
      </td>
      <td data-label="Took" class="number">
        <RunLength run={run} />
      </td>
      <td data-label="Calls" class="number">
        {calls === undefined ? "–" : formatNumber(calls.length)}
      </td>
      <td data-label="Cost" class="number">
        {calls === undefined ? "–" : formatUsd(calls.reduce((sum, { usd }) => sum + (usd ?? 0), 0))}
      </td>
    </tr>
  );
}
