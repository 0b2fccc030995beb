import type { UsageView } from "millrace/http";
import { CallsSections } from "../calls/calls-sections.tsx";
import { CostByDay } from "../calls/cost-by-day.tsx";
import { UsageTable } from "../calls/usage-table.tsx";
import { Empty } from "../components/empty.tsx";
import { FilterLinks } from "../components/filter-links.tsx";
import { LoadedView } from "../components/loaded-view.tsx";
import { PageHeader } from "../components/page-header.tsx";
import { Skeleton } from "../components/skeleton.tsx";
import { now } from "../data/now.ts";
import { useResource } from "../data/use-resource.ts";
import { callsEnded } from "../live/live.ts";
import type { PageProps } from "../page-types.ts";
import { withQuery } from "../routing/match.ts";

const PATH = "/calls/cost";
const DAY_MS = 86_400_000;
const DAYS = 30;

const GROUPINGS = [
  { by: "automation", label: "By automation" },
  { by: "model", label: "By model" },
  { by: "source", label: "By source" },
  { by: "tenant", label: "By tenant" },
  { by: "day", label: "By day" },
] as const;

interface Usage {
  readonly items: readonly UsageView[];
}

/** What calls cost in the last month, by day and by who or what. */
export function CallsCostPage({ query }: PageProps) {
  const { by } = GROUPINGS.find((each) => each.by === query.get("by")) ?? GROUPINGS[0];
  const today = Math.floor(now.peek() / DAY_MS) * DAY_MS;
  const from = new Date(today - (DAYS - 1) * DAY_MS).toISOString();
  const days = useResource<Usage>(withQuery("/api/usage", { by: "day", from }), callsEnded);
  const groups = useResource<Usage>(withQuery("/api/usage", { by, from }), callsEnded);
  return (
    <>
      <PageHeader title="Calls" lead={`What the calls of the last ${DAYS} days cost, and what was not paid again.`} />
      <CallsSections current={PATH} />
      <LoadedView state={days.state} onRetry={days.reload} skeleton={<Skeleton rows={1} height={340} />}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty icon="calls" title="Nothing was asked in these days">
              Start an automation on the <a href="/">overview</a>: each call is entered here with its tokens and price.
            </Empty>
          ) : (
            <CostByDay days={items} today={today} count={DAYS} />
          )
        }
      </LoadedView>
      <LoadedView state={groups.state} onRetry={groups.reload} skeleton={<Skeleton rows={4} height={44} />}>
        {({ items }) =>
          items.length > 0 && (
            <section class="panel" aria-labelledby="usage-title">
              <div class="panel-head">
                <h2 id="usage-title">Used in {DAYS} days</h2>
                <FilterLinks
                  label="Sum up"
                  links={GROUPINGS.map((each) => ({
                    href: withQuery(PATH, { by: each.by === "automation" ? undefined : each.by }),
                    label: each.label,
                    isCurrent: each.by === by,
                  }))}
                />
              </div>
              <UsageTable usage={items} by={by} />
            </section>
          )
        }
      </LoadedView>
    </>
  );
}
