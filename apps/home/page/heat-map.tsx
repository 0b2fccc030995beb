import { LoadedView } from "../../../dashboard/src/components/loaded-view.tsx";
import { Skeleton } from "../../../dashboard/src/components/skeleton.tsx";
import { useResource } from "../../../dashboard/src/data/use-resource.ts";
import { formatCount } from "../../../dashboard/src/format/count.ts";
import { withQuery } from "../../../dashboard/src/routing/match.ts";
import type { ActivityView } from "../api.ts";

const NAMES = { mon: "Mon", tue: "Tue", wed: "Wed", thu: "Thu", fri: "Fri", sat: "Sat", sun: "Sun" } as const;
const HOURS = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, "0"));

/** When a device changes: weekdays from top to bottom, hours from left to right. */
export function HeatMap({ home, entity }: { readonly home: string; readonly entity: string }) {
  const { state, reload } = useResource<ActivityView>(withQuery("/api/home/activity", { home, entity }));
  return (
    <LoadedView state={state} onRetry={reload} skeleton={<Skeleton rows={1} height={220} />}>
      {({ weekdays, changes }) => {
        const most = Math.max(1, ...weekdays.flatMap(({ hours }) => hours));
        return (
          <div class="heat" tabIndex={0} role="region" aria-label={`Heat map of ${entity}`}>
            <table>
              <caption class="visually-hidden">
                {formatCount(changes, "change")} of {entity} by weekday and hour
              </caption>
              <thead>
                <tr>
                  <td />
                  {HOURS.map((hour) => (
                    <th key={hour} scope="col">
                      {hour}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {weekdays.map(({ day, hours }) => (
                  <tr key={day}>
                    <th scope="row">{NAMES[day]}</th>
                    {hours.map((count, hour) => (
                      <td key={hour} data-level={Math.ceil((4 * count) / most)}>
                        {count === 0 ? "" : count}
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        );
      }}
    </LoadedView>
  );
}
