import type { ExplanationView } from "millrace/http";
import type { useResource } from "../data/use-resource.ts";

/** Why a run stands where it stands, and what can be done about it, in the engine's own words. */
export function Why({ state }: { readonly state: ReturnType<typeof useResource<ExplanationView>>["state"] }) {
  if (state.status !== "ready") return null;
  const { why, advice } = state.data;
  if (why.length === 0) return null;
  return (
    <section class="panel" aria-labelledby="why-title">
      <h2 id="why-title">Why it stands where it stands</h2>
      <ul class="why">
        {why.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      {advice.map((line) => (
        <p key={line} class="fine">
          {line}
        </p>
      ))}
    </section>
  );
}
