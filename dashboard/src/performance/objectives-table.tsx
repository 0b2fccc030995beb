import type { ObjectiveView } from "millrace/http";
import { Icon, type IconName } from "../components/icon.tsx";
import { formatPercent } from "../format/count.ts";

const LOOKS: Readonly<
  Record<ObjectiveView["state"], { readonly label: string; readonly icon: IconName; readonly tone: string }>
> = {
  met: { label: "Met", icon: "done", tone: "moss" },
  missed: { label: "Missed", icon: "failed", tone: "rust" },
  unknown: { label: "Nothing counted", icon: "queued", tone: "plain" },
};

const WINDOWS = [
  { name: "minutes5", label: "5 min" },
  { name: "hour", label: "1 h" },
  { name: "hours6", label: "6 h" },
  { name: "days3", label: "3 d" },
] as const;

/** What should hold, whether it does, and how fast the budget of failures is spent. */
export function ObjectivesTable({ objectives }: { readonly objectives: readonly ObjectiveView[] }) {
  return (
    <section class="panel" aria-labelledby="objectives-title">
      <div class="panel-head">
        <h2 id="objectives-title">Objectives</h2>
        <p class="fine">Burn rate: 1 spends the budget of failures exactly as fast as it may be spent.</p>
      </div>
      <table class="table cards-when-narrow">
        <caption class="visually-hidden">Objectives with their burn rates</caption>
        <thead>
          <tr>
            <th scope="col">Objective</th>
            <th scope="col">Last hour</th>
            <th scope="col" class="number">
              Good
            </th>
            {WINDOWS.map(({ name, label }) => (
              <th key={name} scope="col" class="number">
                Burn, {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {objectives.map((objective) => (
            <ObjectiveRow key={objective.name} objective={objective} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function ObjectiveRow({ objective: { words, state, share, burn, alert } }: { readonly objective: ObjectiveView }) {
  const { label, icon, tone } = LOOKS[state];
  return (
    <tr>
      <th scope="row">{words}</th>
      <td data-label="Last hour">
        <span class={`badge badge-${tone}`}>
          <Icon name={icon} size={14} />
          {label}
        </span>
        {alert !== null && (
          <span class="badge badge-rust">
            <Icon name="warning" size={14} />
            {alert === "page" ? "Look now" : "Look soon"}
          </span>
        )}
      </td>
      <td data-label="Good" class="number nowrap">
        {share === null ? "–" : formatPercent(share)}
      </td>
      {WINDOWS.map(({ name, label: window }) => {
        const rate = burn[name];
        return (
          <td key={name} data-label={`Burn, ${window}`} class="number nowrap">
            {rate === null ? "–" : rate >= 10 ? Math.round(rate) : Math.round(rate * 10) / 10}
          </td>
        );
      })}
    </tr>
  );
}
