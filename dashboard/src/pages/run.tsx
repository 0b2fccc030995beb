import { useEffect, useMemo } from "preact/hooks";
import type { ExplanationView, RunDetail } from "millrace/http";
import { api } from "../api/api.ts";
import { ActionButton } from "../components/action-button.tsx";
import { announce } from "../components/announcer.tsx";
import { Instant } from "../components/instant.tsx";
import { JsonView } from "../components/json-view.tsx";
import { LoadedView } from "../components/loaded-view.tsx";
import { PageHeader } from "../components/page-header.tsx";
import { RecordedError } from "../components/recorded-error.tsx";
import { RunLength } from "../components/run-length.tsx";
import { Skeleton } from "../components/skeleton.tsx";
import { StatusBadge } from "../components/status-badge.tsx";
import { useResource } from "../data/use-resource.ts";
import type { PageProps } from "../page-types.ts";
import { createRunChanges } from "../runs/run-changes.ts";
import { Timeline } from "../runs/timeline-view.tsx";
import { Why } from "../runs/why.tsx";

/** One run: what it did step by step, what came out, and what can be done about it. */
export function RunPage({ params }: PageProps) {
  const id = params["id"] ?? "";
  const changes = useMemo(() => createRunChanges(id), [id]);
  useEffect(() => changes.start(), [changes]);
  const path = `/api/runs/${encodeURIComponent(id)}`;
  const { state, reload } = useResource<RunDetail>(path, changes.changed);
  const { state: why } = useResource<ExplanationView>(`${path}/explain`, changes.changed);
  const run = state.status === "ready" ? state.data : undefined;

  async function retryFrom(from: string): Promise<void> {
    await api.post(`${path}/retry`, { from });
    announce(`The run was queued again, from the step ${from} on.`);
    await reload();
  }

  async function act(verb: "retry" | "cancel", said: string): Promise<void> {
    await api.post(`${path}/${verb}`);
    announce(said);
    await reload();
  }

  return (
    <>
      <PageHeader
        title={run === undefined ? "Run" : run.automation}
        back={{ href: "/runs", label: "Runs" }}
        lead={<code class="run-id">{id}</code>}
        actions={run && <RunActions run={run} act={act} />}
      />
      <LoadedView state={state} onRetry={reload} skeleton={<Skeleton rows={6} height={56} />}>
        {(detail) => (
          <>
            <RunFacts run={detail} />
            {detail.error && <RecordedError error={detail.error} title="Why it failed" />}
            {detail.endedAt === null && <Why state={why} />}
            <section class="panel" aria-labelledby="timeline-title">
              <h2 id="timeline-title">Steps</h2>
              <Timeline run={detail} retryFrom={retryFrom} />
            </section>
            <section class="panel" aria-labelledby="data-title">
              <h2 id="data-title">Data</h2>
              {detail.output !== null && detail.output !== undefined && (
                <JsonView label="Output" value={detail.output} isOpen />
              )}
              <JsonView label="Event that started it" value={detail.event} />
            </section>
          </>
        )}
      </LoadedView>
    </>
  );
}

interface RunActionsProps {
  readonly run: RunDetail;
  readonly act: (verb: "retry" | "cancel", said: string) => Promise<void>;
}

function RunActions({ run, act }: RunActionsProps) {
  if (run.status === "failed" || run.status === "canceled") {
    return (
      <ActionButton icon="retry" isPrimary onAct={() => act("retry", "The run was queued again.")}>
        Retry
      </ActionButton>
    );
  }
  if (run.status === "done") return null;
  return (
    <ActionButton icon="stop" onAct={() => act("cancel", "The run was canceled.")}>
      Cancel
    </ActionButton>
  );
}

function RunFacts({ run }: { readonly run: RunDetail }) {
  return (
    <dl class="facts">
      <div>
        <dt>Status</dt>
        <dd>
          <StatusBadge status={run.status} />
        </dd>
      </div>
      <div>
        <dt>Started</dt>
        <dd>
          <Instant at={run.startedAt ?? run.createdAt} />
        </dd>
      </div>
      <div>
        <dt>Took</dt>
        <dd class="number">
          <RunLength run={run} />
        </dd>
      </div>
      {run.attempt > 0 && (
        <div>
          <dt>Attempts that failed outside of steps</dt>
          <dd class="number">{run.attempt}</dd>
        </div>
      )}
      {run.crashes > 0 && (
        <div>
          <dt>Crashes since the last stored step</dt>
          <dd class="number">{run.crashes}</dd>
        </div>
      )}
    </dl>
  );
}
