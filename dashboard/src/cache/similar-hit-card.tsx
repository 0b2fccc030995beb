import type { SimilarHitView } from "millrace/http";
import { Icon } from "../components/icon.tsx";
import { Ago } from "../components/instant.tsx";
import { formatCount } from "../format/count.ts";
import { formatDuration } from "../format/duration.ts";
import { compareWords, type Stretch } from "./word-difference.ts";

interface SimilarHitCardProps {
  readonly hit: SimilarHitView;
  readonly onReject: (hit: SimilarHitView) => void;
}

/** An answer that was given to a question in other words: both questions, and why they were held for the same. */
export function SimilarHitCard({ hit, onReject }: SimilarHitCardProps) {
  const { id, at, namespace, asked, matched, similarity, guards, isVerified, ageMs, verdict } = hit;
  const compared = compareWords(asked, matched);
  const titleId = `hit-${id}`;
  return (
    <li>
      <article class={`hit-card ${verdict === "rejected" ? "is-rejected" : ""}`} aria-labelledby={titleId}>
        <div class="hit-head">
          <h3 id={titleId}>
            <span class="hit-similarity number">{similarity.toFixed(3)}</span> similar
            <span class="visually-hidden">, asked: {asked.slice(0, 80)}</span>
          </h3>
          <p class="fine">
            <code>{namespace}</code>, <Ago at={at} />, with an answer that was {formatDuration(ageMs)} old
          </p>
        </div>
        <dl class="hit-pair">
          <div>
            <dt>Asked</dt>
            <dd>
              <Words stretches={compared.a} />
            </dd>
          </div>
          <div>
            <dt>Answered as</dt>
            <dd>
              <Words stretches={compared.b} />
            </dd>
          </div>
        </dl>
        <div class="hit-foot">
          <Guards guards={guards} isVerified={isVerified} />
          {verdict === null ? (
            <button type="button" class="button" onClick={() => onReject(hit)}>
              <Icon name="failed" />
              Reject<span class="visually-hidden"> the answer to: {asked.slice(0, 80)}</span>
            </button>
          ) : (
            <Verdict verdict={verdict} />
          )}
        </div>
      </article>
    </li>
  );
}

function Guards({ guards, isVerified }: Pick<SimilarHitView, "guards" | "isVerified">) {
  return (
    <details class="guards">
      <summary>
        <Icon name="done" size={14} />
        {formatCount(guards.length, "guard")} passed{isVerified && ", verified by a model"}
      </summary>
      <ul class="badges">
        {guards.map((guard) => (
          <li key={guard}>
            <span class="badge badge-plain">{guard.replaceAll("-", " ")}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}

/** What only one question has is marked. */
function Words({ stretches }: { readonly stretches: readonly Stretch[] }) {
  return <>{stretches.map(({ text, isShared }, index) => (isShared ? text : <mark key={index}>{text}</mark>))}</>;
}

function Verdict({ verdict }: { readonly verdict: "confirmed" | "rejected" }) {
  return verdict === "confirmed" ? (
    <span class="badge badge-moss">
      <Icon name="done" size={14} />
      Confirmed by a fresh answer
    </span>
  ) : (
    <span class="badge badge-rust">
      <Icon name="failed" size={14} />
      Rejected: never given again
    </span>
  );
}
