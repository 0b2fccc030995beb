import { useSignal } from "@preact/signals";
import type { CacheView, SimilarHitView } from "millrace/http";
import { CacheSections } from "../cache/cache-sections.tsx";
import { RejectDialog } from "../cache/reject-dialog.tsx";
import { SimilarFigures } from "../cache/similar-figures.tsx";
import { SimilarHitCard } from "../cache/similar-hit-card.tsx";
import { Empty } from "../components/empty.tsx";
import { LoadedView } from "../components/loaded-view.tsx";
import { PageHeader } from "../components/page-header.tsx";
import { Skeleton } from "../components/skeleton.tsx";
import { every } from "../data/every.ts";
import { useResource } from "../data/use-resource.ts";

const SOON = every(5);

/** Answers that were given to questions in other words, to be looked at by people. */
export function CacheSimilarPage() {
  const cache = useResource<CacheView>("/api/cache", SOON);
  const hits = useResource<{ readonly items: readonly SimilarHitView[] }>("/api/cache/similar?limit=100", SOON);
  const rejecting = useSignal<SimilarHitView | null>(null);

  async function reload(): Promise<void> {
    await Promise.all([hits.reload(), cache.reload()]);
  }

  return (
    <>
      <PageHeader
        title="Cache"
        lead="Answers given to questions in other words, where an automation allows it. Reject what was wrong."
      />
      <CacheSections current="/cache/similar" />
      <LoadedView state={cache.state} onRetry={cache.reload} skeleton={<Skeleton rows={2} height={132} />}>
        {({ similar }) => (similar === null ? <NotUsed /> : <SimilarFigures similar={similar} />)}
      </LoadedView>
      <LoadedView state={hits.state} onRetry={hits.reload} skeleton={<Skeleton rows={3} height={200} />}>
        {({ items }) =>
          items.length > 0 && (
            <section aria-labelledby="hits-title">
              <h2 id="hits-title" class="section-title">
                Latest reuse
              </h2>
              <ul class="hit-cards">
                {items.map((hit) => (
                  <SimilarHitCard key={hit.id} hit={hit} onReject={(chosen) => (rejecting.value = chosen)} />
                ))}
              </ul>
            </section>
          )
        }
      </LoadedView>
      {rejecting.value !== null && (
        <RejectDialog hit={rejecting.value} onClose={() => (rejecting.value = null)} onDone={reload} />
      )}
    </>
  );
}

function NotUsed() {
  return (
    <Empty icon="search" title="No automation reuses answers to similar questions">
      <p>
        Reuse is off unless a call asks for it: add <code>similar: true</code> to its options. It is given past guards
        only, never for what is personal, fresh or an order.
      </p>
    </Empty>
  );
}
