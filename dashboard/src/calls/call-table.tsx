import type { CallView } from "millrace/http";
import { Ago } from "../components/instant.tsx";
import { formatNumber } from "../format/count.ts";
import { formatDuration } from "../format/duration.ts";
import { formatUsd } from "../format/usd.ts";
import { SourceBadge } from "./source-badge.tsx";

/** Calls as a table; on a narrow page each becomes a card. */
export function CallTable({ calls, caption }: { readonly calls: readonly CallView[]; readonly caption: string }) {
  return (
    <table class="table cards-when-narrow">
      <caption class="visually-hidden">{caption}</caption>
      <thead>
        <tr>
          <th scope="col">Ended</th>
          <th scope="col">Source</th>
          <th scope="col">Model</th>
          <th scope="col">For</th>
          <th scope="col" class="number">
            Tokens
          </th>
          <th scope="col" class="number">
            Cost
          </th>
          <th scope="col" class="number">
            Took
          </th>
        </tr>
      </thead>
      <tbody>
        {calls.map((call) => (
          <CallRow key={call.id} call={call} />
        ))}
      </tbody>
    </table>
  );
}

function CallRow({ call }: { readonly call: CallView }) {
  const { id, at, source, model, automation, runId, error, usd, savedUsd, ms, isBackground } = call;
  return (
    <tr>
      <th scope="row" class="nowrap">
        <a href={`/calls/${id}`}>
          <Ago at={at} />
          <span class="visually-hidden">, call {id}</span>
        </a>
      </th>
      <td data-label="Source">
        <SourceBadge source={source} />
        {error !== null && (
          <span class="row-error">
            <code>{error}</code>
          </span>
        )}
      </td>
      <td data-label="Model">
        <code>{model}</code>
      </td>
      <td data-label="For">
        {automation === null || runId === null ? (
          <span class="fine">{isBackground ? "work behind" : "another client"}</span>
        ) : (
          <a href={`/runs/${encodeURIComponent(runId)}`}>{automation}</a>
        )}
      </td>
      <td data-label="Tokens" class="number nowrap">
        {tokens(call)}
      </td>
      <td data-label="Cost" class="number nowrap">
        {usd === null ? "not known" : formatUsd(usd)}
        {(savedUsd ?? 0) > 0 && <span class="saved"> saved {formatUsd(savedUsd ?? 0)}</span>}
      </td>
      <td data-label="Took" class="number nowrap">
        {formatDuration(ms)}
      </td>
    </tr>
  );
}

function tokens({ inputTokens, outputTokens }: CallView): string {
  if (inputTokens === null || outputTokens === null) return "not known";
  if (inputTokens + outputTokens === 0) return "–";
  return `${formatNumber(inputTokens)} + ${formatNumber(outputTokens)}`;
}
