import type { StepView } from "millrace/http";
import { Instant } from "../components/instant.tsx";

/** What an open step is for: until when it sleeps, which event or run it waits for, when it is tried again. */
export function OpenStep({ step }: { readonly step: StepView }) {
  const until = step.until === null ? null : <Instant at={step.until} />;
  switch (step.kind) {
    case "sleep":
      return <p class="fine">Sleeps until {until ?? "somebody cancels it"}.</p>;
    case "wait":
      return (
        <p class="fine">
          Waits for the event <code>{step.event}</code>
          {step.match !== null && (
            <>
              {" "}
              of <code>{step.match}</code>
            </>
          )}
          {until !== null && <>, until {until} at the latest</>}.
        </p>
      );
    case "call":
      return (
        <p class="fine">
          Waits for the end of <a href={`/runs/${encodeURIComponent(step.match ?? "")}`}>the run that it called</a>.
        </p>
      );
    case "run":
      return until === null ? null : <p class="fine">Its next attempt is due at {until}.</p>;
  }
}
