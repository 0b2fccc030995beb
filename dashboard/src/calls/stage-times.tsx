import type { CallView } from "millrace/http";
import { Swatch } from "../charts/chart-legend.tsx";
import { ShareBar } from "../charts/share-bar.tsx";
import { formatPercent } from "../format/count.ts";
import { formatDuration } from "../format/duration.ts";
import { STAGE_LOOKS } from "./source-looks.ts";

/** Where the time of a call went, stage by stage. */
export function StageTimes({ call: { stages } }: { readonly call: CallView }) {
  const sum = STAGE_LOOKS.reduce((all, { name }) => all + stages[name], 0);
  const shareOf = (name: (typeof STAGE_LOOKS)[number]["name"]) => stages[name] / Math.max(1, sum);
  return (
    <section class="panel" aria-labelledby="stages-title">
      <h2 id="stages-title">Where the time went</h2>
      <div class="stage-bar">
        <ShareBar parts={STAGE_LOOKS.map(({ name, label, tone }) => ({ name: label, tone, share: shareOf(name) }))} />
      </div>
      <dl class="stage-list">
        {STAGE_LOOKS.map(({ name, label, tone, about }) => (
          <div key={name}>
            <dt>
              <Swatch tone={tone} />
              {label}
            </dt>
            <dd>
              <span class="stage-ms number">{formatDuration(stages[name])}</span>
              {sum > 0 && <span class="fine number"> {formatPercent(shareOf(name))}</span>}
              <p class="fine">{about}</p>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
