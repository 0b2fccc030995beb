import type { AuditEntryView } from "millrace/http";
import { Ago } from "../components/instant.tsx";
import { withQuery } from "../routing/match.ts";

/** Actions as a table; on a narrow page each becomes a card. */
export function AuditTable({ entries }: { readonly entries: readonly AuditEntryView[] }) {
  return (
    <table class="table cards-when-narrow">
      <caption class="visually-hidden">Actions, newest first</caption>
      <thead>
        <tr>
          <th scope="col" class="number">
            No.
          </th>
          <th scope="col">When</th>
          <th scope="col">Who</th>
          <th scope="col">What</th>
          <th scope="col">To</th>
          <th scope="col">Facts</th>
        </tr>
      </thead>
      <tbody>
        {entries.map(({ seq, at, actor, action, subject, data, hash }) => (
          <tr key={seq}>
            <th scope="row" class="number" title={`Hash ${hash}`}>
              {seq}
            </th>
            <td data-label="When" class="nowrap">
              <Ago at={at} />
            </td>
            <td data-label="Who">
              <a href={withQuery("/audit", { actor })}>{actor}</a>
            </td>
            <td data-label="What" class="nowrap">
              <a href={withQuery("/audit", { action })}>
                <code>{action}</code>
              </a>
            </td>
            <td data-label="To" class="nowrap">
              <Subject subject={subject} />
            </td>
            <td data-label="Facts" class="fine">
              {Object.entries(data)
                .map(([name, value]) => `${name} ${String(value) || "none"}`)
                .join(", ")}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Subject({ subject }: { readonly subject: string }) {
  if (!subject.startsWith("run:")) return <code>{subject}</code>;
  const id = subject.slice("run:".length);
  return (
    <a href={`/runs/${encodeURIComponent(id)}`}>
      <code>run {id.slice(-8)}</code>
    </a>
  );
}
