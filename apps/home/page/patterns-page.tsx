import { Empty } from "../../../dashboard/src/components/empty.tsx";
import { FilterLinks } from "../../../dashboard/src/components/filter-links.tsx";
import { LoadedView } from "../../../dashboard/src/components/loaded-view.tsx";
import { LoadMore } from "../../../dashboard/src/components/load-more.tsx";
import { PageHeader } from "../../../dashboard/src/components/page-header.tsx";
import { Skeleton } from "../../../dashboard/src/components/skeleton.tsx";
import { usePages } from "../../../dashboard/src/data/use-pages.ts";
import { formatCount } from "../../../dashboard/src/format/count.ts";
import { runsEnded } from "../../../dashboard/src/live/live.ts";
import type { PageProps } from "../../../dashboard/src/page-types.ts";
import { withQuery } from "../../../dashboard/src/routing/match.ts";
import type { HomeView, PatternView } from "../api.ts";
import { HomeSelect } from "./home-select.tsx";
import { PatternTable } from "./pattern-table.tsx";
import { SampleNotice } from "./sample-notice.tsx";
import { useHomes } from "./use-homes.ts";

const PATH = "/home/patterns";
const KINDS = [
  { kind: undefined, label: "All" },
  { kind: "time_of_day", label: "At a time of day" },
  { kind: "sun", label: "By the sun" },
  { kind: "state_pair", label: "One thing after another" },
  { kind: "sequence", label: "Several in a row" },
  { kind: "presence", label: "Coming and going" },
  { kind: "duration", label: "For a while" },
  { kind: "forgotten_on", label: "Left on" },
] as const;

/** The rules that the miner found, with what they rest on. */
export function PatternsPage({ query }: PageProps) {
  const home = query.get("home") ?? undefined;
  const { kind } = KINDS.find((entry) => entry.kind === query.get("kind")) ?? KINDS[0];
  const homes = useHomes();
  const list = usePages<PatternView>("/api/home/patterns", { home, kind }, runsEnded);
  return (
    <>
      <PageHeader
        title="Patterns"
        lead={leadOf(homes)}
        actions={<HomeSelect homes={homes} value={home} hrefOf={(choice) => withQuery(PATH, { home: choice, kind })} />}
      />
      <SampleNotice homes={homes} />
      <FilterLinks
        label="Kind"
        links={KINDS.map((entry) => ({
          href: withQuery(PATH, { home, kind: entry.kind }),
          label: entry.label,
          isCurrent: entry.kind === kind,
        }))}
      />
      <LoadedView state={list.state} onRetry={list.reload} skeleton={<Skeleton rows={8} height={56} />}>
        {(page) =>
          page.items.length === 0 ? (
            <Empty icon="patterns" title="No pattern was found">
              Start home.daily on the <a href="/">overview</a>. It needs some weeks of history to be sure of a habit.
            </Empty>
          ) : (
            <section class="panel" aria-label="Patterns">
              <PatternTable patterns={page.items} />
              <LoadMore list={list} page={page} noun="patterns" />
            </section>
          )
        }
      </LoadedView>
    </>
  );
}

function leadOf(homes: readonly HomeView[]): string {
  const said = "Habits that are too regular to be luck, strongest first.";
  if (homes.length === 0) return said;
  const events = homes.reduce((sum, home) => sum + home.events, 0);
  const entities = homes.reduce((sum, home) => sum + home.entities, 0);
  return `${said} From ${formatCount(events, "event")} of ${formatCount(entities, "entity", "entities")}.`;
}
