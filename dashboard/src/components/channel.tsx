import type { MapProgress } from "../live/reduce.ts";

interface ChannelProps {
  readonly label: string;
  readonly progress: MapProgress;
}

/** More items than this are drawn as one stretch of water instead of a chamber each. */
const MOST_CHAMBERS = 40;

/** Progress as a channel that fills: a chamber for each item, water for what is done. */
export function Channel({ label, progress }: ChannelProps) {
  const { done, failed, total } = progress;
  const words = `${done} of ${total}${failed > 0 ? `, ${failed} failed` : ""}`;
  return (
    <div class="channel">
      <div class="channel-words">
        <span>{label}</span>
        <span class="number">{words}</span>
      </div>
      <div
        class="channel-bed"
        role="progressbar"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={total}
        aria-valuenow={done + failed}
        aria-valuetext={words}
      >
        {total <= MOST_CHAMBERS ? <Chambers {...progress} /> : <Stretch {...progress} />}
      </div>
    </div>
  );
}

function Chambers({ done, failed, total }: MapProgress) {
  return (
    <>
      {Array.from({ length: total }, (_, index) => (
        <span key={index} class={`chamber ${stateOf(index, done, failed)}`} />
      ))}
    </>
  );
}

function stateOf(index: number, done: number, failed: number): string {
  if (index < done) return "is-done";
  return index < done + failed ? "is-failed" : "";
}

function Stretch({ done, failed, total }: MapProgress) {
  const percent = (count: number) => ({ width: `${(100 * count) / Math.max(1, total)}%` });
  return (
    <>
      <span class="stretch is-done" style={percent(done)} />
      <span class="stretch is-failed" style={percent(failed)} />
    </>
  );
}
