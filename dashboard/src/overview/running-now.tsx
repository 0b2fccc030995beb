import type { AutomationView } from "millrace/http";
import { Channel } from "../components/channel.tsx";
import { Icon } from "../components/icon.tsx";
import { now } from "../data/now.ts";
import { formatDuration } from "../format/duration.ts";
import { relativeTime } from "../format/time.ts";
import { live } from "../live/live.ts";
import type { LiveRun } from "../live/reduce.ts";
import { RunNow } from "../runs/run-now.tsx";
import { isStartable } from "./startable.ts";
import { nextScheduled } from "./next-scheduled.ts";

/** The runs under way, with their progress as it happens. */
export function RunningNow({ automations }: { readonly automations: readonly AutomationView[] }) {
  const running = Object.values(live.value.runs).sort((a, b) => a.startedAt - b.startedAt);
  const offered = automations.find(isStartable);
  return (
    <section class="panel race" aria-labelledby="now-title">
      <div class="panel-head">
        <h2 id="now-title">Running now</h2>
        {offered && <RunNow automation={offered.name} isPrimary />}
      </div>
      {running.length === 0 ? (
        <Still automations={automations} />
      ) : (
        <ul class="running">
          {running.map((run) => (
            <Running key={run.id} run={run} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Still({ automations }: { readonly automations: readonly AutomationView[] }) {
  const next = nextScheduled(automations);
  return (
    <div class="still">
      <svg viewBox="0 0 600 16" preserveAspectRatio="none" aria-hidden="true" focusable="false">
        <path d="M0 8h600" />
      </svg>
      <p>
        The water is still: nothing runs.
        {next && ` Next is ${next.name}, ${relativeTime(next.at, now.value)}.`}
      </p>
    </div>
  );
}

function Running({ run }: { readonly run: LiveRun }) {
  const maps = Object.entries(run.maps);
  const steps = Object.keys(run.openSteps).filter((id) => !id.includes(":") && !(id in run.maps));
  return (
    <li class="running-run">
      <div class="running-head">
        <Icon name="running" size={18} />
        <a href={`/runs/${encodeURIComponent(run.id)}`}>{run.automation}</a>
        <span class="fine number">
          {formatDuration(Math.floor(Math.max(0, now.value - run.startedAt) / 1_000) * 1_000)}
        </span>
      </div>
      {maps.map(([step, progress]) => (
        <Channel key={step} label={step} progress={progress} />
      ))}
      {steps.map((step) => (
        <p key={step} class="open-step">
          <span class="ripple" aria-hidden="true" />
          {step}
        </p>
      ))}
      {maps.length === 0 && steps.length === 0 && <p class="open-step">between two steps</p>}
    </li>
  );
}
