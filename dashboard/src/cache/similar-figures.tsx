import type { CacheSimilarStats } from "millrace/http";
import { Tile } from "../components/tile.tsx";
import { formatBytes } from "../format/bytes.ts";
import { formatCount, formatNumber } from "../format/count.ts";

/** What came of the look for similar questions. */
export function SimilarFigures({ similar }: { readonly similar: CacheSimilarStats }) {
  const misses = Object.values(similar.misses).reduce((sum, count) => sum + count, 0);
  const looked = similar.hits + misses;
  return (
    <>
      <ul class="tiles">
        <Tile
          label="Given to similar questions"
          value={formatNumber(similar.hits)}
          note={`of ${formatCount(looked, "look-up")} after no exact hit`}
        />
        <Tile
          label="Questions remembered"
          value={formatNumber(similar.items)}
          note={`${formatBytes(similar.bytes)}, ${formatNumber(similar.evictions)} evicted`}
        />
        <Tile label="Rejected" value={formatNumber(similar.rejected)} note="pairs that are never given again" />
      </ul>
      <FalseReuse rates={similar.falseReuse} />
      <div class="columns columns-even">
        <Reasons title="Why there was no answer" counts={similar.misses} none="Every look-up found one." />
        <Reasons title="What the guards refused" counts={similar.vetoes} none="No near question was refused." />
      </div>
    </>
  );
}

function FalseReuse({ rates }: { readonly rates: CacheSimilarStats["falseReuse"] }) {
  return (
    <section class="panel" aria-labelledby="false-reuse-title">
      <h2 id="false-reuse-title">How often reuse was wrong</h2>
      <p class="fine">
        A share of the reused answers is asked anew and compared. The band is the 95 % interval: it narrows as samples
        come in.
      </p>
      {rates.length === 0 ? (
        <p class="quiet">No reused answer was checked yet. Two in a hundred are, and each rejection counts too.</p>
      ) : (
        <ul class="rates">
          {rates.map((rate) => (
            <li key={rate.namespace}>
              <code>{rate.namespace}</code>
              <Interval interval={rate.interval} rate={rate.rate} />
              <span class="number">
                {rate.rate === null ? "no sample" : percent(rate.rate)}
                <span class="fine">
                  {" "}
                  {percent(rate.interval[0])} to {percent(rate.interval[1])}, {formatNumber(rate.wrong)} wrong of{" "}
                  {formatNumber(rate.sampled)}
                </span>
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Interval({
  interval: [low, high],
  rate,
}: {
  readonly interval: readonly [number, number];
  readonly rate: number | null;
}) {
  return (
    <span class="interval" aria-hidden="true">
      <span class="interval-band" style={{ left: `${low * 100}%`, width: `${Math.max(0.5, (high - low) * 100)}%` }} />
      {rate !== null && <span class="interval-mark" style={{ left: `${rate * 100}%` }} />}
    </span>
  );
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`;
}

interface ReasonsProps {
  readonly title: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly none: string;
}

function Reasons({ title, counts, none }: ReasonsProps) {
  const reasons = Object.entries(counts)
    .filter(([, count]) => count > 0)
    .toSorted(([, a], [, b]) => b - a);
  const most = Math.max(1, ...reasons.map(([, count]) => count));
  return (
    <section class="panel">
      <h2>{title}</h2>
      {reasons.length === 0 ? (
        <p class="quiet">{none}</p>
      ) : (
        <ul class="reasons">
          {reasons.map(([reason, count]) => (
            <li key={reason}>
              <span>{reason.replaceAll("-", " ")}</span>
              <span class="number">{formatNumber(count)}</span>
              <span class="reason-bar" aria-hidden="true">
                <span style={{ width: `${(100 * count) / most}%` }} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
