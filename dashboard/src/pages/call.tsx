import type { ComponentChildren } from "preact";
import type { CallDetail, CallView } from "millrace/http";
import { SourceBadge } from "../calls/source-badge.tsx";
import { SOURCE_LOOKS } from "../calls/source-looks.ts";
import { TrailPanel } from "../calls/trail-panel.tsx";
import { StageTimes } from "../calls/stage-times.tsx";
import { Instant } from "../components/instant.tsx";
import { LoadedView } from "../components/loaded-view.tsx";
import { PageHeader } from "../components/page-header.tsx";
import { Skeleton } from "../components/skeleton.tsx";
import { useResource } from "../data/use-resource.ts";
import { formatCount, formatNumber } from "../format/count.ts";
import { formatDuration } from "../format/duration.ts";
import { formatUsd } from "../format/usd.ts";
import type { PageProps } from "../page-types.ts";
import { withQuery } from "../routing/match.ts";

/** One call: what answered it, where its time went, and what it used. */
export function CallPage({ params }: PageProps) {
  const id = params["id"] ?? "";
  const { state, reload } = useResource<CallDetail>(`/api/calls/${encodeURIComponent(id)}`);
  const call = state.status === "ready" ? state.data : undefined;
  return (
    <>
      <PageHeader
        title={call === undefined ? "Call" : call.model}
        back={{ href: "/calls/all", label: "Calls" }}
        lead={call === undefined ? `Call ${id}` : SOURCE_LOOKS[call.source].about}
      />
      <LoadedView state={state} onRetry={reload} skeleton={<Skeleton rows={4} height={72} />}>
        {(detail) => (
          <>
            <CallFacts call={detail} />
            <StageTimes call={detail} />
            <TrailPanel call={detail} />
            <Used call={detail} />
          </>
        )}
      </LoadedView>
    </>
  );
}

function CallFacts({ call }: { readonly call: CallView }) {
  const { source, error, at, ms, automation, runId, tenant, key, ageMs, similarity, isBackground } = call;
  return (
    <dl class="facts">
      <Fact name="Source">
        <SourceBadge source={source} />
      </Fact>
      {error !== null && (
        <Fact name="Error">
          <code>{error}</code>
        </Fact>
      )}
      <Fact name="Ended">
        <Instant at={at} />
      </Fact>
      <Fact name="Took">{formatDuration(ms)}</Fact>
      {runId !== null && automation !== null && (
        <Fact name="For">
          <a href={`/runs/${encodeURIComponent(runId)}`}>{automation}</a>
        </Fact>
      )}
      {isBackground && <Fact name="Waited for">by nobody</Fact>}
      {tenant !== null && <Fact name="Tenant">{tenant}</Fact>}
      {ageMs !== null && <Fact name="Age of the answer">{formatDuration(ageMs)}</Fact>}
      {similarity !== null && (
        <Fact name="Similarity">
          <a href="/cache/similar">{similarity.toFixed(3)}</a>
        </Fact>
      )}
      {key !== null && (
        <Fact name="Answer">
          <a href={withQuery("/cache/entries", { pattern: key })}>in the cache</a>
        </Fact>
      )}
    </dl>
  );
}

function Used({ call }: { readonly call: CallView }) {
  const {
    source,
    requests,
    inputTokens,
    outputTokens,
    cacheReadTokens,
    cacheWriteTokens,
    reasoningTokens,
    usd,
    savedUsd,
  } = call;
  return (
    <section class="panel" aria-labelledby="used-title">
      <h2 id="used-title">What it used</h2>
      <dl class="facts facts-flush">
        <Fact name="Requests">{formatCount(requests, "request")}</Fact>
        <Fact name="Tokens read">{inputTokens === null ? "not told" : formatNumber(inputTokens)}</Fact>
        {cacheReadTokens > 0 && <Fact name="Of them from the provider's cache">{formatNumber(cacheReadTokens)}</Fact>}
        {cacheWriteTokens > 0 && <Fact name="Put into the provider's cache">{formatNumber(cacheWriteTokens)}</Fact>}
        <Fact name="Tokens written">{outputTokens === null ? "not told" : formatNumber(outputTokens)}</Fact>
        {reasoningTokens > 0 && <Fact name="Of them only thought">{formatNumber(reasoningTokens)}</Fact>}
        {source === "batch" && <Fact name="Way">in a batch, at half the price</Fact>}
        <Fact name="Cost">{usd === null ? "not known" : formatUsd(usd)}</Fact>
        {(savedUsd ?? 0) > 0 && <Fact name="Saved">{formatUsd(savedUsd ?? 0)}</Fact>}
      </dl>
    </section>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class="number">{children}</dd>
    </div>
  );
}
