import { useSignal } from "@preact/signals";
import { Empty } from "../../../dashboard/src/components/empty.tsx";
import { LoadedView } from "../../../dashboard/src/components/loaded-view.tsx";
import { PageHeader } from "../../../dashboard/src/components/page-header.tsx";
import { Skeleton } from "../../../dashboard/src/components/skeleton.tsx";
import { useResource } from "../../../dashboard/src/data/use-resource.ts";
import { runsEnded } from "../../../dashboard/src/live/live.ts";
import type { PageProps } from "../../../dashboard/src/page-types.ts";
import { withQuery } from "../../../dashboard/src/routing/match.ts";
import type { Page } from "millrace/http";
import type { PatternView } from "../api.ts";
import { deviceName } from "./device-name.ts";
import { HeatMap } from "./heat-map.tsx";
import { HomeSelect } from "./home-select.tsx";
import { PairGraph } from "./pair-graph.tsx";
import { pairLinks } from "./pair-links.ts";
import { SampleNotice } from "./sample-notice.tsx";
import { useHomes } from "./use-homes.ts";

const PATH = "/home/explore";

/** When devices are used, and which follows which. */
export function ExplorePage({ query }: PageProps) {
  const homes = useHomes();
  const home = query.get("home") ?? homes[0]?.name;
  return (
    <>
      <PageHeader
        title="Explore"
        lead="When the devices that habits speak of are used, and which of them follows which."
        actions={<HomeSelect homes={homes} value={home} hrefOf={(choice) => withQuery(PATH, { home: choice })} />}
      />
      <SampleNotice homes={homes} />
      {home === undefined ? <NoHabits /> : <Explored key={home} home={home} />}
    </>
  );
}

function Explored({ home }: { readonly home: string }) {
  const path = withQuery("/api/home/patterns", { home, limit: 200 });
  const { state, reload } = useResource<Page<PatternView>>(path, runsEnded);
  return (
    <LoadedView state={state} onRetry={reload} skeleton={<Skeleton rows={2} height={260} />}>
      {({ items }) => (items.length === 0 ? <NoHabits /> : <Pictures home={home} patterns={items} />)}
    </LoadedView>
  );
}

function Pictures({ home, patterns }: { readonly home: string; readonly patterns: readonly PatternView[] }) {
  const devices = [
    ...new Set(
      patterns.flatMap(({ rule: { trigger, action } }) => [
        ...action.entity_ids,
        ...(trigger.type === "state" ? [trigger.entity_id] : []),
      ]),
    ),
  ];
  const links = pairLinks(patterns);
  const chosen = useSignal(devices[0] ?? "");
  return (
    <>
      <section class="panel" aria-labelledby="heat-title">
        <div class="panel-head">
          <h2 id="heat-title">When it is used</h2>
          <label class="select">
            Device
            <select value={chosen.value} onChange={(event) => (chosen.value = event.currentTarget.value)}>
              {devices.map((id) => (
                <option key={id} value={id}>
                  {deviceName(id)}
                </option>
              ))}
            </select>
          </label>
        </div>
        <HeatMap home={home} entity={chosen.value} />
      </section>
      <section class="panel" aria-labelledby="pairs-title">
        <h2 id="pairs-title">What follows what</h2>
        {links.length === 0 ? (
          <p class="fine">No habit of this home starts with a device.</p>
        ) : (
          <PairGraph links={links} />
        )}
      </section>
    </>
  );
}

function NoHabits() {
  return (
    <Empty icon="patterns" title="There is nothing to explore yet">
      Start home.daily on the <a href="/">overview</a>; what it finds is shown here.
    </Empty>
  );
}
