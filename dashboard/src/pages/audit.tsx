import type { AuditEntryView } from "millrace/http";
import { AuditTable } from "../audit/audit-table.tsx";
import { VerifyButton } from "../audit/verify-button.tsx";
import { Empty } from "../components/empty.tsx";
import { FilterLinks } from "../components/filter-links.tsx";
import { LoadedView } from "../components/loaded-view.tsx";
import { LoadMore } from "../components/load-more.tsx";
import { PageHeader } from "../components/page-header.tsx";
import { Skeleton } from "../components/skeleton.tsx";
import { every } from "../data/every.ts";
import { usePages } from "../data/use-pages.ts";
import type { PageProps } from "../page-types.ts";

const SOON = every(10);

/** What people and the configuration did. */
export function AuditPage({ query }: PageProps) {
  const actor = query.get("actor") ?? undefined;
  const action = query.get("action") ?? undefined;
  const list = usePages<AuditEntryView>("/api/audit", { actor, action }, SOON);
  const narrowed = [
    ...(actor === undefined ? [] : [`by ${actor}`]),
    ...(action === undefined ? [] : [`of the kind ${action}`]),
  ].join(", ");
  return (
    <>
      <PageHeader
        title="Audit log"
        lead={narrowed === "" ? "What people and the configuration did, newest first." : `Actions ${narrowed}.`}
      />
      <VerifyButton />
      {narrowed !== "" && (
        <FilterLinks label="Narrowed" links={[{ href: "/audit", label: "All actions", isCurrent: false }]} />
      )}
      <LoadedView state={list.state} onRetry={list.reload} skeleton={<Skeleton rows={8} height={44} />}>
        {(page) =>
          page.items.length === 0 ? (
            <Empty icon="audit" title="Nothing of this is recorded">
              Starts, cancellations and retries of runs, decisions and invalidations are recorded as they happen.
            </Empty>
          ) : (
            <section class="panel" aria-label="Actions">
              <AuditTable entries={page.items} />
              <LoadMore list={list} page={page} noun="actions" />
            </section>
          )
        }
      </LoadedView>
    </>
  );
}
