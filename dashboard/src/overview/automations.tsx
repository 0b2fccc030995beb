import type { AutomationView } from "millrace/http";
import { Icon } from "../components/icon.tsx";
import { Ago } from "../components/instant.tsx";
import { StatusBadge } from "../components/status-badge.tsx";
import { now } from "../data/now.ts";
import { formatInstant, relativeTime } from "../format/time.ts";
import { RunNow } from "../runs/run-now.tsx";
import { isStartable } from "./startable.ts";

/** Every automation that this Millrace knows, and when it is due. */
export function Automations({ automations }: { readonly automations: readonly AutomationView[] }) {
  // The first one has its button at the head of the page.
  const offered = automations.find(isStartable);
  return (
    <section class="panel" aria-labelledby="automations-title">
      <div class="panel-head">
        <h2 id="automations-title">Automations</h2>
      </div>
      <ul class="automations">
        {automations.map((automation) => (
          <Automation
            key={automation.name}
            automation={automation}
            hasButton={automation !== offered && isStartable(automation)}
          />
        ))}
      </ul>
    </section>
  );
}

function Automation({ automation, hasButton }: { readonly automation: AutomationView; readonly hasButton: boolean }) {
  const { name, description, triggers, lastRun } = automation;
  return (
    <li>
      <p class="automation-name">{name}</p>
      {description !== "" && <p class="fine">{description}</p>}
      <ul class="triggers">
        {triggers.map((trigger) => (
          <li key={`${trigger.kind} ${triggerWords(trigger)}`}>
            <Icon name={trigger.kind === "cron" ? "clock" : "play"} size={14} />
            {trigger.kind === "cron" ? <Due {...trigger} /> : triggerWords(trigger)}
          </li>
        ))}
        {lastRun && (
          <li>
            <StatusBadge status={lastRun.status} />
            <a href={`/runs/${encodeURIComponent(lastRun.id)}`}>
              last run <Ago at={lastRun.createdAt} />
            </a>
          </li>
        )}
      </ul>
      {hasButton && <RunNow automation={name} />}
    </li>
  );
}

type TriggerView = AutomationView["triggers"][number];

function triggerWords(trigger: TriggerView): string {
  switch (trigger.kind) {
    case "cron":
      return trigger.expression;
    case "manual":
      return "by hand";
    case "event":
      return `on ${trigger.name}`;
    case "file":
      return `files ${trigger.glob}`;
    case "webhook":
      return `POST /api/webhooks${trigger.path}`;
  }
}

type Cron = Extract<TriggerView, { kind: "cron" }>;

function Due({ expression, timezone, nextAt }: Cron) {
  if (nextAt === null) return <span>{expression}: not due any more</span>;
  const at = Date.parse(nextAt);
  return (
    <span>
      {formatInstant(at, { now: now.value, timezone })} {timezone} ({relativeTime(at, now.value)})
    </span>
  );
}
