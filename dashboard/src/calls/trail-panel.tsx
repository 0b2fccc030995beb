import type { CallDetail } from "millrace/http";
import { Icon } from "../components/icon.tsx";
import { formatDuration } from "../format/duration.ts";
import { OUTCOMES, SOURCE_LOOKS } from "./source-looks.ts";
import { layOutTrail, type TrailRow } from "./trail-rows.ts";

const STAGES: Readonly<Record<string, { readonly label: string; readonly about: string }>> = {
  similar: {
    label: "Similar questions",
    about: "Looks for the answer to the same question in other words, where the call allows it.",
  },
  cache: {
    label: "Kept answers",
    about: "Looks for the answer to the very question, joins equal calls, and keeps a fresh answer.",
  },
  budget: { label: "Budget", about: "Sets aside what it may cost at most." },
  pack: { label: "Company", about: "Waits a moment for like questions, to ask all of them in one request." },
  fallback: { label: "Choice of the model", about: "Asks another model when the first cannot answer." },
  fit: { label: "Form of the answer", about: "Sends an answer that does not fit its schema back once." },
  retry: { label: "Attempts", about: "Asks again where that may help." },
  hedge: { label: "Second request", about: "Sends a late request once more beside the first." },
  rate: { label: "Rate", about: "Waits until the provider takes another request." },
  parallel: { label: "Turn", about: "Waits until fewer calls are under way." },
  breaker: { label: "Breaker", about: "Keeps away from a model that fails again and again." },
  provider: { label: "Provider", about: "From the request to the end of the reply." },
};

/** The stages that a call went through, one below the other as they began. */
export function TrailPanel({ call: { trail, ms, source } }: { readonly call: CallDetail }) {
  return (
    <section class="panel" aria-labelledby="trail-title">
      <h2 id="trail-title">Stage by stage</h2>
      {trail.length === 0 ? (
        <p class="quiet">
          {source === "memory"
            ? "Memory held the answer: the call went through no other stage."
            : "No stage of this call was noted."}
        </p>
      ) : (
        <>
          <p class="fine">A stage waits for those below it that began before its end.</p>
          <ol class="trail">
            {layOutTrail(trail, ms).map((row, index) => (
              <Row key={index} row={row} />
            ))}
          </ol>
        </>
      )}
    </section>
  );
}

function Row({ row: { step, attempt, start, length } }: { readonly row: TrailRow }) {
  const known = STAGES[step.stage];
  const took = step.toMs - step.fromMs;
  return (
    <li title={known?.about}>
      <span class="trail-name">
        {known?.label ?? step.stage}
        {attempt !== null && <span class="fine"> attempt {attempt}</span>}
        {step.stage === "provider" && <code class="fine">{step.model}</code>}
      </span>
      <span class="trail-track" aria-hidden="true">
        <svg width="100%" height="12" focusable="false">
          <rect
            class={`bar ${step.isFailure ? "bar-failed" : "bar-done"}`}
            x={`${start * 100}%`}
            width={`${Math.max(length * 100, 0.6)}%`}
            height="12"
            rx="2"
          />
        </svg>
      </span>
      <span class="trail-ms number">{took < 1 ? "under 1 ms" : formatDuration(took)}</span>
      <span class={step.isFailure ? "trail-outcome is-bad" : "trail-outcome"}>
        <Icon name={step.isFailure ? "failed" : "done"} size={14} />
        {outcomeWords(step)}
      </span>
    </li>
  );
}

function outcomeWords({ outcome, isFailure }: TrailRow["step"]): string {
  const source = OUTCOMES.find((name) => name === outcome);
  if (source !== undefined && !isFailure) return `from ${SOURCE_LOOKS[source].label.toLowerCase()}`;
  return outcome.includes("_") ? outcome : outcome.replaceAll("-", " ");
}
