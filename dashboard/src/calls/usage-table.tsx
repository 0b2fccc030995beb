import type { UsageView } from "millrace/http";
import { formatNumber } from "../format/count.ts";
import { formatDate } from "../format/time.ts";
import { formatUsd } from "../format/usd.ts";
import { withQuery } from "../routing/match.ts";
import { OUTCOMES, SOURCE_LOOKS } from "./source-looks.ts";

type Grouping = "automation" | "model" | "source" | "tenant" | "day";

const HEADINGS: Readonly<Record<Grouping, string>> = {
  automation: "Automation",
  model: "Model",
  source: "Source",
  tenant: "Tenant",
  day: "Day (UTC)",
};

/** Sums, largest first. */
export function UsageTable({ usage, by }: { readonly usage: readonly UsageView[]; readonly by: Grouping }) {
  const most = Math.max(1e-9, ...usage.map(({ usd }) => usd));
  return (
    <table class="table cards-when-narrow">
      <caption class="visually-hidden">Used, by {by}</caption>
      <thead>
        <tr>
          <th scope="col">{HEADINGS[by]}</th>
          <th scope="col" class="number">
            Calls
          </th>
          <th scope="col" class="number">
            Tokens read
          </th>
          <th scope="col" class="number">
            Written
          </th>
          <th scope="col" class="number">
            Saved
          </th>
          <th scope="col" class="number">
            Cost
          </th>
          <th scope="col">
            <span class="visually-hidden">Share</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {usage.map((sum) => (
          <tr key={sum.group}>
            <th scope="row">
              <Group group={sum.group} by={by} />
            </th>
            <td data-label="Calls" class="number">
              {formatNumber(sum.calls)}
            </td>
            <td data-label="Tokens read" class="number">
              {formatNumber(sum.inputTokens)}
              <Part tokens={sum.cacheReadTokens} of="from the provider's cache" />
              <Part tokens={sum.cacheWriteTokens} of="put into it" />
            </td>
            <td data-label="Written" class="number">
              {formatNumber(sum.outputTokens)}
              <Part tokens={sum.reasoningTokens} of="only thought" />
              {by !== "source" && <Part tokens={sum.batchTokens} of="read and written in batches" />}
            </td>
            <td data-label="Saved" class="number">
              {formatUsd(sum.savedUsd)}
            </td>
            <td data-label="Cost" class="number">
              {formatUsd(sum.usd)}
              {sum.unpriced > 0 && (
                <span class="fine" title="Set the prices of their models to see what they cost.">
                  {" "}
                  + {formatNumber(sum.unpriced)} without a price
                </span>
              )}
            </td>
            <td class="bar-cell" aria-hidden="true">
              <span class="reason-bar">
                <span class="tone-2" style={{ width: `${(100 * sum.usd) / most}%` }} />
              </span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** A part of the tokens above, on a line of its own; nothing where there is none. */
function Part({ tokens, of }: { readonly tokens: number; readonly of: string }) {
  if (tokens === 0) return null;
  return (
    <div class="fine">
      {formatNumber(tokens)} {of}
    </div>
  );
}

function Group({ group, by }: { readonly group: string | null; readonly by: Grouping }) {
  if (group === null) return <span class="fine">{by === "tenant" ? "everybody" : "outside of runs"}</span>;
  switch (by) {
    case "automation":
    case "model":
      return <a href={withQuery("/calls/all", { [by]: group })}>{group}</a>;
    case "source": {
      const source = OUTCOMES.find((name) => name === group);
      return source === undefined ? (
        <>{group}</>
      ) : (
        <a href={withQuery("/calls/all", { source })}>{SOURCE_LOOKS[source].label}</a>
      );
    }
    case "tenant":
      return <>{group}</>;
    case "day":
      return <>{formatDate(group)}</>;
  }
}
