import type { CallsPage as Calls } from "millrace/http";
import { CallTable } from "../calls/call-table.tsx";
import { CallsSections } from "../calls/calls-sections.tsx";
import { OUTCOMES, SOURCE_LOOKS } from "../calls/source-looks.ts";
import { Empty } from "../components/empty.tsx";
import { FilterLinks } from "../components/filter-links.tsx";
import { LoadedView } from "../components/loaded-view.tsx";
import { LoadMore } from "../components/load-more.tsx";
import { PageHeader } from "../components/page-header.tsx";
import { Skeleton } from "../components/skeleton.tsx";
import { appendPage, renewFirstPage } from "../data/merge-pages.ts";
import { useList } from "../data/use-list.ts";
import { callsEnded } from "../live/live.ts";
import type { PageProps } from "../page-types.ts";
import { withQuery } from "../routing/match.ts";

const PATH = "/calls/all";

/** Every call that is kept in the ledger, newest first. */
export function CallsAllPage({ query }: PageProps) {
  const source = OUTCOMES.find((name) => name === query.get("source"));
  const automation = query.get("automation") ?? undefined;
  const model = query.get("model") ?? undefined;
  const list = useList<Calls>(
    "/api/calls",
    { source, automation, model },
    { renew: renewFirstPage, append: appendPage, reloadOn: callsEnded },
  );
  return (
    <>
      <PageHeader title="Calls" lead={leadOf(automation, model)} />
      <CallsSections current={PATH} />
      <FilterLinks
        label="Source"
        links={[
          { href: withQuery(PATH, { automation, model }), label: "All", isCurrent: source === undefined },
          ...OUTCOMES.map((name) => ({
            href: withQuery(PATH, { source: name, automation, model }),
            label: SOURCE_LOOKS[name].label,
            isCurrent: name === source,
          })),
        ]}
      />
      <LoadedView state={list.state} onRetry={list.reload} skeleton={<Skeleton rows={8} height={44} />}>
        {(page) =>
          page.items.length === 0 ? (
            <Empty icon="calls" title="There is no such call">
              Start an automation on the <a href="/">overview</a>, or look at <a href={PATH}>all calls</a>.
            </Empty>
          ) : (
            <section class="panel" aria-label="Calls">
              <CallTable calls={page.items} caption="Calls" />
              <LoadMore list={list} page={page} noun="calls" />
            </section>
          )
        }
      </LoadedView>
    </>
  );
}

function leadOf(automation: string | undefined, model: string | undefined): string {
  const of = [automation === undefined ? "" : ` of ${automation}`, model === undefined ? "" : ` to ${model}`].join("");
  return of === "" ? "Every call that is kept, newest first." : `Calls${of}, newest first.`;
}
