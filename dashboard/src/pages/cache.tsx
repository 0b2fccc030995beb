import type { CacheHistory, CacheView } from "millrace/http";
import { CacheSections } from "../cache/cache-sections.tsx";
import { CacheTiles } from "../cache/cache-tiles.tsx";
import { HitRatePanel } from "../cache/hit-rate-panel.tsx";
import { toBuckets } from "../cache/history-buckets.ts";
import { LevelsPanel } from "../cache/levels-panel.tsx";
import { NamespacesPanel } from "../cache/namespaces-panel.tsx";
import { WarmingPanel } from "../cache/warming-panel.tsx";
import { Icon } from "../components/icon.tsx";
import { Instant } from "../components/instant.tsx";
import { LoadedView } from "../components/loaded-view.tsx";
import { PageHeader } from "../components/page-header.tsx";
import { Skeleton } from "../components/skeleton.tsx";
import { every } from "../data/every.ts";
import { now } from "../data/now.ts";
import { useResource } from "../data/use-resource.ts";
import { formatCount } from "../format/count.ts";
import type { PageProps } from "../page-types.ts";

const SOON = every(5);

/** How the cache does: what it answered, what it holds, and what it makes ahead. */
export function CachePage({ query }: PageProps) {
  const cache = useResource<CacheView>("/api/cache", SOON);
  const history = useResource<CacheHistory>("/api/cache/history", SOON);
  const by = query.get("by") === "namespace" ? "namespace" : "level";
  const known = cache.state.status === "ready" ? cache.state.data : undefined;
  const buckets = history.state.status === "ready" ? toBuckets(history.state.data, now.peek()) : [];
  return (
    <>
      <PageHeader
        title="Cache"
        lead={
          known === undefined ? (
            "What is kept so that nothing is asked, read or computed twice."
          ) : (
            <>
              What is kept so that nothing is asked, read or computed twice. Counted by this process (
              {known.process.pid}) since <Instant at={known.process.startedAt} />.
            </>
          )
        }
      />
      <CacheSections current="/cache" />
      <LoadedView state={cache.state} onRetry={cache.reload} skeleton={<Skeleton rows={1} height={148} />}>
        {(view) => (
          <>
            <Trouble total={view.total} />
            <CacheTiles view={view} buckets={buckets} />
          </>
        )}
      </LoadedView>
      <LoadedView state={history.state} onRetry={history.reload} skeleton={<Skeleton rows={1} height={360} />}>
        {() => <HitRatePanel buckets={buckets} by={by} />}
      </LoadedView>
      <LoadedView state={cache.state} onRetry={cache.reload} skeleton={<Skeleton rows={3} height={220} />}>
        {({ levels, total, namespaces, warming, hot }) => (
          <>
            <LevelsPanel levels={levels} total={total} />
            <NamespacesPanel namespaces={namespaces} />
            <WarmingPanel warming={warming} hot={hot} onWarmed={cache.reload} />
          </>
        )}
      </LoadedView>
    </>
  );
}

/** Levels that fail are gone without; that must not pass unseen. */
function Trouble({ total: { levelErrors } }: Pick<CacheView, "total">) {
  if (levelErrors === 0) return null;
  return (
    <div class="notice notice-grain">
      <Icon name="warning" size={20} />
      <div class="notice-words">
        <p class="notice-title">A level failed {formatCount(levelErrors, "time")} since the start</p>
        <p>The cache went on without it; the log of Millrace tells why.</p>
      </div>
    </div>
  );
}
