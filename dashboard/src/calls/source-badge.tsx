import { Swatch } from "../charts/chart-legend.tsx";
import { type Outcome, SOURCE_LOOKS } from "./source-looks.ts";

/** Where an answer came from. */
export function SourceBadge({ source }: { readonly source: Outcome }) {
  const { label, tone, about } = SOURCE_LOOKS[source];
  return (
    <span class={source === "failed" ? "source is-bad" : "source"} title={about}>
      <Swatch tone={tone} />
      {label}
    </span>
  );
}
