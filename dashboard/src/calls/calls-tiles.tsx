import type { CallMinute } from "millrace/http";
import { Tile } from "../components/tile.tsx";
import { formatCount, formatNumber, formatPercent } from "../format/count.ts";
import { formatUsd } from "../format/usd.ts";
import { callsIn, countSources, type Minute, sumMinutes } from "./activity-minutes.ts";

const PAID: ReadonlySet<string> = new Set(["provider", "fallback", "batch", "failed"]);

/** The figures of the last hour. */
export function CallsTiles({ minutes }: { readonly minutes: readonly Minute[] }) {
  const calls = minutes.reduce((sum, minute) => sum + callsIn(minute), 0);
  const sources = countSources(minutes);
  const unpaid = sources.filter(({ source }) => !PAID.has(source)).reduce((sum, { count }) => sum + count, 0);
  const failed = sources.find(({ source }) => source === "failed")?.count ?? 0;
  const trend = (valueOf: (minute: CallMinute) => number) =>
    minutes.map(({ seen }) => (seen === undefined ? 0 : valueOf(seen)));
  const lately = minutes.slice(-5).reduce((sum, minute) => sum + callsIn(minute), 0);
  return (
    <ul class="tiles tiles-narrow">
      <Tile
        label="Calls, last hour"
        value={formatNumber(calls)}
        note={`${formatNumber(lately)} in the last 5 min`}
        trend={minutes.map(callsIn)}
      />
      <Tile
        label="Not paid for"
        value={calls === 0 ? "–" : formatPercent(unpaid / calls)}
        note="answered without asking a provider"
        trend={minutes.flatMap((minute) => unpaidShare(minute) ?? [])}
      />
      <Tile
        label="Cost, last hour"
        value={formatUsd(sumMinutes(minutes, ({ usd }) => usd))}
        note={`${formatUsd(sumMinutes(minutes, ({ savedUsd }) => savedUsd))} saved`}
        trend={trend(({ usd }) => usd)}
      />
      <Tile
        label="Tokens"
        value={compact(sumMinutes(minutes, ({ inputTokens, outputTokens }) => inputTokens + outputTokens))}
        note={tokenNote(minutes)}
        trend={trend(({ inputTokens, outputTokens }) => inputTokens + outputTokens)}
      />
      <Tile
        label="Failed"
        value={formatNumber(failed)}
        note={failed === 0 ? "every call had an answer" : `of ${formatCount(calls, "call")}`}
        trend={trend(({ sources: each }) => each.failed ?? 0)}
      />
    </ul>
  );
}

function unpaidShare(minute: Minute): number | undefined {
  const calls = callsIn(minute);
  if (calls === 0) return undefined;
  const paid = Object.entries(minute.seen?.sources ?? {}).filter(([source]) => PAID.has(source));
  return 1 - paid.reduce((sum, [, count]) => sum + count, 0) / calls;
}

/** What the tokens were, as far as there were any of a kind. */
function tokenNote(minutes: readonly Minute[]): string {
  const written = sumMinutes(minutes, ({ outputTokens }) => outputTokens);
  const thought = sumMinutes(minutes, ({ reasoningTokens }) => reasoningTokens);
  const cached = sumMinutes(minutes, ({ cacheReadTokens }) => cacheReadTokens);
  return [
    `${compact(written)} of them written`,
    ...(thought === 0 ? [] : [`${compact(thought)} only thought`]),
    ...(cached === 0 ? [] : [`${compact(cached)} from the provider's cache`]),
  ].join(", ");
}

function compact(count: number): string {
  return count.toLocaleString("en", { notation: "compact", maximumFractionDigits: 1 });
}
