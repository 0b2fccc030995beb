import type { AutomationView, Page, Ready, RunSummary } from "millrace/http";
import { LoadedView } from "../components/loaded-view.tsx";
import { PageHeader } from "../components/page-header.tsx";
import { Skeleton } from "../components/skeleton.tsx";
import { useResource } from "../data/use-resource.ts";
import { runsChanged } from "../live/live.ts";
import { Automations } from "../overview/automations.tsx";
import { LatestRuns } from "../overview/latest-runs.tsx";
import { ReadyNotices } from "../overview/ready-notices.tsx";
import { RunningNow } from "../overview/running-now.tsx";
import { Tiles } from "../overview/tiles.tsx";

interface List<T> {
  readonly items: readonly T[];
}

/** What runs, what ran, what comes next, and whether everything is in order. */
export function Overview() {
  const ready = useResource<Ready>("/api/ready");
  const automations = useResource<List<AutomationView>>("/api/automations", runsChanged);
  const runs = useResource<Page<RunSummary>>("/api/runs?limit=8", runsChanged);
  return (
    <>
      <PageHeader title="Overview" lead="What runs, what ran, and what comes next." />
      <LoadedView state={ready.state} onRetry={ready.reload} skeleton={<Skeleton rows={1} height={74} />}>
        {(data) => <ReadyNotices ready={data} />}
      </LoadedView>
      <LoadedView state={automations.state} onRetry={automations.reload} skeleton={<Skeleton rows={2} height={120} />}>
        {({ items }) => (
          <>
            <RunningNow automations={items} />
            <Tiles automations={items} />
          </>
        )}
      </LoadedView>
      <div class="columns">
        <LoadedView state={runs.state} onRetry={runs.reload} skeleton={<Skeleton rows={6} height={44} />}>
          {(page) => <LatestRuns page={page} />}
        </LoadedView>
        <LoadedView state={automations.state} onRetry={automations.reload} skeleton={<Skeleton rows={2} height={92} />}>
          {({ items }) => <Automations automations={items} />}
        </LoadedView>
      </div>
    </>
  );
}
