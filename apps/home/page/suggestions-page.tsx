import type { Page } from "millrace/http";
import { Empty } from "../../../dashboard/src/components/empty.tsx";
import { FilterLinks } from "../../../dashboard/src/components/filter-links.tsx";
import { LoadedView } from "../../../dashboard/src/components/loaded-view.tsx";
import { LoadMore } from "../../../dashboard/src/components/load-more.tsx";
import { PageHeader } from "../../../dashboard/src/components/page-header.tsx";
import { Skeleton } from "../../../dashboard/src/components/skeleton.tsx";
import { usePages } from "../../../dashboard/src/data/use-pages.ts";
import { type Resource, useResource } from "../../../dashboard/src/data/use-resource.ts";
import { runsEnded } from "../../../dashboard/src/live/live.ts";
import type { PageProps } from "../../../dashboard/src/page-types.ts";
import { withQuery } from "../../../dashboard/src/routing/match.ts";
import type { SuggestionStatus, SuggestionView } from "../api.ts";
import { HomeSelect } from "./home-select.tsx";
import { SampleNotice } from "./sample-notice.tsx";
import { SuggestionCard } from "./suggestion-card.tsx";
import { useHomes } from "./use-homes.ts";

const PATH = "/home/suggestions";
const STATUSES = [
  "draft",
  "refined",
  "approved",
  "deployed",
  "changed_outside",
  "rejected",
  "retired",
] as const satisfies SuggestionStatus[];
const LABELS = {
  draft: "Drafts",
  refined: "Refined",
  approved: "Approved",
  deployed: "Deployed",
  changed_outside: "Edited in the home",
  rejected: "Rejected",
  retired: "Retired",
} as const;

/** What the home app suggests, to be approved or rejected. */
export function SuggestionsPage({ query }: PageProps) {
  const status = STATUSES.find((name) => name === query.get("status"));
  const home = query.get("home") ?? undefined;
  const homes = useHomes();
  const counts = useCounts(home);
  const list = usePages<SuggestionView>("/api/home/suggestions", { home, status, order: "rank" }, runsEnded);

  function onDecided(suggestion: SuggestionView): void {
    list.replace(suggestion);
    for (const { reload } of Object.values(counts)) void reload();
  }

  return (
    <>
      <PageHeader
        title="Suggestions"
        lead="Habits that Millrace found in the history of the home, as automations to approve or reject."
        actions={
          homes.length > 1 && (
            <HomeSelect homes={homes} value={home} hrefOf={(choice) => withQuery(PATH, { home: choice, status })} />
          )
        }
      />
      <SampleNotice homes={homes} />
      <FilterLinks
        label="Status"
        links={[
          { href: withQuery(PATH, { home }), label: "All", isCurrent: status === undefined },
          ...STATUSES.map((name) => ({
            href: withQuery(PATH, { home, status: name }),
            label: LABELS[name],
            isCurrent: name === status,
            count: totalOf(counts[name]),
          })),
        ]}
      />
      <LoadedView state={list.state} onRetry={list.reload} skeleton={<Skeleton rows={3} height={420} />}>
        {(page) =>
          page.items.length === 0 ? (
            <NoSuggestions status={status} />
          ) : (
            <>
              <div class="suggestions">
                {page.items.map((suggestion) => (
                  <SuggestionCard key={suggestion.id} suggestion={suggestion} onDecided={onDecided} />
                ))}
              </div>
              <LoadMore list={list} page={page} noun="suggestions" />
            </>
          )
        }
      </LoadedView>
    </>
  );
}

type Counts = Readonly<Record<(typeof STATUSES)[number], Resource<Page<SuggestionView>>>>;

/** How many there are of each status. */
function useCounts(home: string | undefined): Counts {
  const path = (status: SuggestionStatus) => withQuery("/api/home/suggestions", { home, status, limit: 1 });
  return {
    draft: useResource(path("draft"), runsEnded),
    refined: useResource(path("refined"), runsEnded),
    approved: useResource(path("approved"), runsEnded),
    deployed: useResource(path("deployed"), runsEnded),
    changed_outside: useResource(path("changed_outside"), runsEnded),
    rejected: useResource(path("rejected"), runsEnded),
    retired: useResource(path("retired"), runsEnded),
  };
}

function totalOf({ state }: Resource<Page<SuggestionView>>): number | undefined {
  return state.status === "ready" ? state.data.total : undefined;
}

function NoSuggestions({ status }: { readonly status: (typeof STATUSES)[number] | undefined }) {
  if (status !== undefined && status !== "draft") {
    return (
      <Empty icon="suggestions" title={`Nothing is ${LABELS[status].toLowerCase()}`}>
        Decide on the <a href={withQuery(PATH, { status: "draft" })}>drafts</a>.
      </Empty>
    );
  }
  if (status === "draft") {
    return (
      <Empty icon="suggestions" title="No draft waits for you">
        The next run of home.daily brings what it finds. See <a href={PATH}>all suggestions</a>.
      </Empty>
    );
  }
  return (
    <Empty icon="suggestions" title="There are no suggestions yet">
      Start home.daily on the <a href="/">overview</a>; they appear here when it ends.
    </Empty>
  );
}
