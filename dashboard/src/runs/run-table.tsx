import type { RunSummary } from "millrace/http";
import { Ago } from "../components/instant.tsx";
import { RunLength } from "../components/run-length.tsx";
import { RunStatus } from "../components/run-status.tsx";
import { shortId } from "../format/short-id.ts";

/** Runs as a table; on a narrow page each becomes a card. */
export function RunTable({ runs, caption }: { readonly runs: readonly RunSummary[]; readonly caption: string }) {
  return (
    <table class="table cards-when-narrow">
      <caption class="visually-hidden">{caption}</caption>
      <thead>
        <tr>
          <th scope="col">Automation</th>
          <th scope="col">Status</th>
          <th scope="col">Started</th>
          <th scope="col" class="number">
            Took
          </th>
          <th scope="col">Run</th>
        </tr>
      </thead>
      <tbody>
        {runs.map((run) => (
          <RunRow key={run.id} run={run} />
        ))}
      </tbody>
    </table>
  );
}

function RunRow({ run }: { readonly run: RunSummary }) {
  return (
    <tr>
      <th scope="row">{run.automation}</th>
      <td>
        <RunStatus run={run} />
      </td>
      <td data-label="Started">
        <Ago at={run.startedAt ?? run.createdAt} />
      </td>
      <td data-label="Took" class="number">
        <RunLength run={run} />
      </td>
      <td>
        <a class="mono" href={`/runs/${encodeURIComponent(run.id)}`}>
          <span class="visually-hidden">{run.automation} run </span>
          {shortId(run.id)}
        </a>
      </td>
    </tr>
  );
}
