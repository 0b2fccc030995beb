import type { CallActivity, CallTimes } from "millrace/http";
import { niceTop } from "../charts/chart-geometry.ts";
import { Swatch } from "../charts/chart-legend.tsx";
import { minuteColumns, minuteTicks } from "../charts/minutes.ts";
import { ShareBar } from "../charts/share-bar.tsx";
import { TimeChart } from "../charts/time-chart.tsx";
import { formatNumber } from "../format/count.ts";
import { formatDuration } from "../format/duration.ts";
import { callsIn, type Minute } from "./activity-minutes.ts";
import { STAGE_LOOKS } from "./source-looks.ts";

const QUANTILES = [
  { name: "p99", tone: 6 },
  { name: "p90", tone: 2 },
  { name: "p50", tone: 1 },
] as const;

interface TimesPanelProps {
  readonly minutes: readonly Minute[];
  readonly models: CallActivity["models"];
  readonly times: CallActivity["times"];
}

/** How long calls took: over the hour, and by model and stage. */
export function TimesPanel({ minutes, models, times }: TimesPanelProps) {
  const valuesOf = (name: keyof CallTimes) => minutes.map(({ seen }) => seen?.times?.[name] ?? null);
  const top = niceTop(Math.max(1, ...valuesOf("p99").map((value) => value ?? 0)));
  return (
    <section class="panel" aria-labelledby="times-title">
      <div class="panel-head">
        <h2 id="times-title">How long calls took, last hour</h2>
      </div>
      <TimeChart
        label="Percentiles of the time of a call, minute by minute"
        columns={minuteColumns(minutes)}
        ticks={minuteTicks(minutes)}
        kind="lines"
        series={QUANTILES.map(({ name, tone }) => ({
          name,
          tone,
          values: valuesOf(name),
          whole: times === null ? "–" : formatDuration(times[name]),
        }))}
        top={top}
        format={formatDuration}
        whole="Last hour"
        volume={{
          name: "Calls",
          values: minutes.map(callsIn),
          whole: formatNumber(minutes.reduce((sum, minute) => sum + callsIn(minute), 0)),
        }}
      />
      {models.length > 0 && <Models models={models} />}
    </section>
  );
}

function Models({ models }: { readonly models: CallActivity["models"] }) {
  return (
    <>
      <h3 class="table-title">By model and stage</h3>
      <ul class="stage-key">
        {STAGE_LOOKS.map(({ name, label, tone, about }) => (
          <li key={name} title={about}>
            <Swatch tone={tone} />
            {label}
          </li>
        ))}
      </ul>
      <table class="table cards-when-narrow">
        <caption class="visually-hidden">Times of the last hour by model and stage</caption>
        <thead>
          <tr>
            <th scope="col">Model</th>
            <th scope="col" class="number">
              Calls
            </th>
            <th scope="col" class="number">
              p50
            </th>
            <th scope="col" class="number">
              p90
            </th>
            <th scope="col" class="number">
              p99
            </th>
            <th scope="col">p90 of each stage</th>
          </tr>
        </thead>
        <tbody>
          {models.map((model) => (
            <ModelRow key={model.model} model={model} />
          ))}
        </tbody>
      </table>
    </>
  );
}

function ModelRow({ model: { model, calls, total, stages } }: { readonly model: CallActivity["models"][number] }) {
  const sum = STAGE_LOOKS.reduce((all, { name }) => all + stages[name].p90, 0);
  return (
    <tr>
      <th scope="row">
        <code>{model}</code>
      </th>
      <td data-label="Calls" class="number">
        {formatNumber(calls)}
      </td>
      {(["p50", "p90", "p99"] as const).map((name) => (
        <td key={name} data-label={name} class="number nowrap">
          {formatDuration(total[name])}
        </td>
      ))}
      <td data-label="p90 of each stage">
        <span class="stage-times">
          <ShareBar
            parts={STAGE_LOOKS.map(({ name, label, tone }) => ({
              name: label,
              tone,
              share: stages[name].p90 / Math.max(1, sum),
            }))}
          />
          <span class="fine number">{STAGE_LOOKS.map(({ name }) => formatDuration(stages[name].p90)).join(" · ")}</span>
        </span>
      </td>
    </tr>
  );
}
