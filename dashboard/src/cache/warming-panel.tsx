import type { CacheView, CacheWarmingView } from "millrace/http";
import { api } from "../api/api.ts";
import { ActionButton } from "../components/action-button.tsx";
import { announce } from "../components/announcer.tsx";
import { Empty } from "../components/empty.tsx";
import { formatBytes } from "../format/bytes.ts";
import { formatCount, formatNumber } from "../format/count.ts";

interface WarmingPanelProps extends Pick<CacheView, "warming" | "hot"> {
  readonly onWarmed: () => Promise<void>;
}

/** What is made before it is asked for. */
export function WarmingPanel({ warming, hot, onWarmed }: WarmingPanelProps) {
  async function run(loader?: string): Promise<void> {
    const { items } = await api.post<{ readonly items: readonly CacheWarmingView[] }>(
      "/api/cache/warm",
      loader === undefined ? {} : { loader },
    );
    const made = items.reduce((sum, item) => sum + item.made, 0);
    const failed = items.reduce((sum, item) => sum + item.failed, 0);
    announce(`${formatCount(made, "value")} made ahead${failed === 0 ? "" : `, ${formatNumber(failed)} failed`}.`);
    await onWarmed();
  }
  return (
    <section class="panel" aria-labelledby="warming-title">
      <div class="panel-head">
        <h2 id="warming-title">Warming</h2>
        {warming.length > 1 && (
          <ActionButton icon="play" onAct={() => run()}>
            Run all
          </ActionButton>
        )}
      </div>
      {warming.length === 0 ? (
        <Empty icon="clock" title="No app makes values ahead">
          An app gives <code>loaders</code> beside its automations: a name, a schedule, and the keys with what makes
          them. They run at the start, by their schedules, and from here.
        </Empty>
      ) : (
        <ul class="loaders">
          {warming.map((loader) => (
            <li key={loader.loader}>
              <div>
                <p class="loader-name">{loader.loader}</p>
                <p class="fine">
                  {formatCount(loader.made, "value")} made since the start
                  {loader.failed > 0 && <span class="is-bad">, {formatNumber(loader.failed)} failed</span>}
                </p>
              </div>
              <ActionButton icon="play" about={loader.loader} onAct={() => run(loader.loader)}>
                Run now
              </ActionButton>
            </li>
          ))}
        </ul>
      )}
      <p class="fine warming-note">
        At a start up to {formatNumber(hot.maxItems)} of the entries that were hot at the last close come back into
        memory, {formatBytes(hot.maxBytes)} at most.
      </p>
    </section>
  );
}
