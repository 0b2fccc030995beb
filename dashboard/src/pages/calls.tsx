import type { CallActivity, CallsPage as Calls } from "millrace/http";
import { fillMinutes } from "../calls/activity-minutes.ts";
import { CallTable } from "../calls/call-table.tsx";
import { CallsSections } from "../calls/calls-sections.tsx";
import { CallsTiles } from "../calls/calls-tiles.tsx";
import { RoutesPanel } from "../calls/routes-panel.tsx";
import { SourcesPanel } from "../calls/sources-panel.tsx";
import { TimesPanel } from "../calls/times-panel.tsx";
import { Empty } from "../components/empty.tsx";
import { Icon } from "../components/icon.tsx";
import { LoadedView } from "../components/loaded-view.tsx";
import { PageHeader } from "../components/page-header.tsx";
import { Skeleton } from "../components/skeleton.tsx";
import { every } from "../data/every.ts";
import { useResource } from "../data/use-resource.ts";
import { formatClock } from "../format/time.ts";
import { callsEnded } from "../live/live.ts";

const SOON = every(5);

/** How calls to models do: their sources, times, limits, and the latest of them as they end. */
export function CallsPage() {
  const activity = useResource<CallActivity>("/api/calls/activity", SOON);
  const latest = useResource<Calls>("/api/calls?limit=8", callsEnded);
  return (
    <>
      <PageHeader
        title="Calls"
        lead="Every question to a model: where its answer came from, how long it took, and what it cost."
      />
      <CallsSections current="/calls" />
      <LoadedView state={activity.state} onRetry={activity.reload} skeleton={<Skeleton rows={3} height={280} />}>
        {(data) => <Activity activity={data} />}
      </LoadedView>
      <LoadedView state={latest.state} onRetry={latest.reload} skeleton={<Skeleton rows={6} height={44} />}>
        {({ items }) => items.length > 0 && <Latest calls={items} />}
      </LoadedView>
    </>
  );
}

function Activity({ activity }: { readonly activity: CallActivity }) {
  const { from, at, minutes, models, times, routes } = activity;
  const filled = fillMinutes(activity);
  const isCut = Date.parse(at) - Date.parse(from) < 3_599_000;
  return (
    <>
      {isCut && (
        <div class="notice notice-plain">
          <Icon name="info" size={20} />
          <div class="notice-words">
            <p>So many calls ended that the figures cover the time since {formatClock(Date.parse(from))} only.</p>
          </div>
        </div>
      )}
      {minutes.length === 0 ? (
        <Empty icon="calls" title="No call ended in the last hour">
          Calls come from automations: start one on the <a href="/">overview</a>. Without a model provider their answers
          come from rules, and are listed here as well.
        </Empty>
      ) : (
        <>
          <CallsTiles minutes={filled} />
          <SourcesPanel minutes={filled} />
          <TimesPanel minutes={filled} models={models} times={times} />
        </>
      )}
      <RoutesPanel routes={routes} />
    </>
  );
}

function Latest({ calls }: { readonly calls: Calls["items"] }) {
  return (
    <section class="panel" aria-labelledby="latest-calls-title">
      <div class="panel-head">
        <h2 id="latest-calls-title">Latest calls</h2>
        <a href="/calls/all">All calls</a>
      </div>
      <CallTable calls={calls} caption="Latest calls" />
    </section>
  );
}
