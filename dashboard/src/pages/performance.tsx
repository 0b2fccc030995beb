import type { MetricsSummary } from "millrace/http";
import { FilterLinks } from "../components/filter-links.tsx";
import { Icon } from "../components/icon.tsx";
import { LoadedView } from "../components/loaded-view.tsx";
import { PageHeader } from "../components/page-header.tsx";
import { Skeleton } from "../components/skeleton.tsx";
import { every } from "../data/every.ts";
import { useResource } from "../data/use-resource.ts";
import type { PageProps } from "../page-types.ts";
import { LoopDelayChart, MemoryChart } from "../performance/memory-chart.tsx";
import { ObjectivesTable } from "../performance/objectives-table.tsx";
import { PerformanceTiles } from "../performance/performance-tiles.tsx";
import { RANGES } from "../performance/ranges.ts";
import { TimesChart } from "../performance/times-chart.tsx";
import { TimesTable } from "../performance/times-table.tsx";
import { withQuery } from "../routing/match.ts";

const PATH = "/performance";
const SOON = every(5);
const LABELS = { hour: "Last hour", day: "24 hours", month: "30 days" } as const;

/** How fast it is, what it takes, and whether its objectives hold. */
export function PerformancePage({ query }: PageProps) {
  const range = RANGES.find((name) => name === query.get("range")) ?? "hour";
  const summary = useResource<MetricsSummary>(`/api/metrics/summary?range=${range}`, SOON);
  return (
    <>
      <PageHeader
        title="Performance"
        lead="How long answers took, what the process takes, and whether the objectives hold. Counted every five seconds."
      />
      <FilterLinks
        label="Range"
        links={RANGES.map((name) => ({
          href: withQuery(PATH, { range: name === "hour" ? undefined : name }),
          label: LABELS[name],
          isCurrent: name === range,
        }))}
      />
      <LoadedView state={summary.state} onRetry={summary.reload} skeleton={<Skeleton rows={4} height={240} />}>
        {(view) => <Summary summary={view} />}
      </LoadedView>
    </>
  );
}

function Summary({ summary }: { readonly summary: MetricsSummary }) {
  const { process } = summary;
  return (
    <>
      {process !== null && process.level !== "normal" && (
        <div class="notice notice-grain">
          <Icon name="warning" size={20} />
          <div class="notice-words">
            <p class="notice-title">
              {process.level === "critical" ? "The process is at its limits" : "The process gives way"}
            </p>
            <p>
              {process.reason} Caches are kept smaller and fewer runs are started
              {process.level === "critical" ? ", and heavy requests are refused." : "."}
            </p>
          </div>
        </div>
      )}
      <PerformanceTiles summary={summary} />
      <ObjectivesTable objectives={summary.objectives} />
      <section class="panel" aria-labelledby="requests-title">
        <div class="panel-head">
          <h2 id="requests-title">How long answers took</h2>
        </div>
        <TimesChart
          summary={summary}
          of={({ requests }) => requests}
          title="Percentiles of the time of an answer"
          noun="requests"
        />
        <TimesTable caption="Times of answers by route" noun="Route" rows={summary.routes.slice(0, 12)} />
      </section>
      <section class="panel" aria-labelledby="models-title">
        <div class="panel-head">
          <h2 id="models-title">How long calls to models took</h2>
        </div>
        <TimesChart
          summary={summary}
          of={({ calls }) => calls}
          title="Percentiles of the time of a call"
          noun="calls"
        />
        <TimesTable caption="Times of calls by model" noun="Model" rows={summary.models} />
      </section>
      <section class="panel" aria-labelledby="queries-title">
        <div class="panel-head">
          <h2 id="queries-title">How long statements took</h2>
        </div>
        <TimesTable caption="Times of statements by kind" noun="Statement" rows={summary.queries} />
      </section>
      <section class="panel" aria-labelledby="memory-title">
        <div class="panel-head">
          <h2 id="memory-title">Memory</h2>
        </div>
        <MemoryChart summary={summary} />
      </section>
      <section class="panel" aria-labelledby="loop-title">
        <div class="panel-head">
          <h2 id="loop-title">How late the event loop was</h2>
        </div>
        <LoopDelayChart summary={summary} />
      </section>
    </>
  );
}
