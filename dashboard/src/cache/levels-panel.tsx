import type { CacheLevelView, CacheView } from "millrace/http";
import { Meter } from "../charts/meter.tsx";
import { Icon } from "../components/icon.tsx";
import { formatBytes } from "../format/bytes.ts";
import { formatCount, formatNumber } from "../format/count.ts";
import { LEVEL_LOOKS } from "./level-looks.ts";

/** What each level holds, against what it may. */
export function LevelsPanel({ levels, total }: Pick<CacheView, "levels" | "total">) {
  return (
    <section class="panel" aria-labelledby="levels-title">
      <h2 id="levels-title">Levels</h2>
      <ul class="levels">
        {levels.map((level) => (
          <Level key={level.name} level={level} />
        ))}
      </ul>
      {total.droppedWrites > 0 && (
        <p class="fine warming-note">
          {formatCount(total.droppedWrites, "write")} of {formatNumber(total.factoryRuns)} were not taken by a level
          that was slow or left out: those values are made again when they are asked for elsewhere.
        </p>
      )}
    </section>
  );
}

function Level({ level }: { readonly level: CacheLevelView }) {
  const { label, tone, about } = LEVEL_LOOKS[level.name];
  return (
    <li class={`level tone-${tone}`}>
      <div class="level-head">
        <h3>{label}</h3>
        {level.isOpen ? (
          <span class="badge badge-rust" title="It failed too often: it is left out until a trial passes.">
            <Icon name="warning" size={14} />
            Left out
          </span>
        ) : (
          <span class="badge badge-moss">
            <Icon name="done" size={14} />
            In use
          </span>
        )}
      </div>
      <p class="fine">{about}</p>
      <Meter label="Entries" value={level.items} most={level.maxItems} format={formatNumber} />
      <Meter label="Size" value={level.bytes} most={level.maxBytes} format={formatBytes} />
      <p class="fine">
        {level.evictions === 0
          ? "Nothing had to go for want of room."
          : `${formatCount(level.evictions, "entry", "entries")} went for want of room.`}
      </p>
    </li>
  );
}
