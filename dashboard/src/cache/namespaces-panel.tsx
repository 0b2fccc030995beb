import type { CacheView } from "millrace/http";
import { ShareBar } from "../charts/share-bar.tsx";
import { Empty } from "../components/empty.tsx";
import { formatNumber, formatPercent } from "../format/count.ts";
import { withQuery } from "../routing/match.ts";
import { askedOf } from "./history-buckets.ts";
import { JOINED_LOOK, LEVEL_LOOKS, LEVELS } from "./level-looks.ts";

type Namespace = CacheView["namespaces"][number];

/** Each kind of kept thing by itself, most asked first. */
export function NamespacesPanel({ namespaces }: Pick<CacheView, "namespaces">) {
  return (
    <section class="panel" aria-labelledby="namespaces-title">
      <h2 id="namespaces-title">Namespaces</h2>
      {namespaces.length === 0 ? (
        <Empty icon="cache" title="Nothing was asked since the start">
          The first part of a key is its namespace: answers of models stand under <code>answers</code>, answers of the
          API under <code>responses</code>, reads of the database under <code>query</code>.
        </Empty>
      ) : (
        <table class="table cards-when-narrow">
          <caption class="visually-hidden">Namespaces since the start, most asked first</caption>
          <thead>
            <tr>
              <th scope="col">Namespace</th>
              <th scope="col" class="number">
                Questions
              </th>
              <th scope="col">Hit rate</th>
              <th scope="col" class="number">
                Misses
              </th>
              <th scope="col" class="number">
                Joined
              </th>
              <th scope="col" class="number">
                Stale
              </th>
              <th scope="col" class="number">
                Failures
              </th>
            </tr>
          </thead>
          <tbody>
            {namespaces.map((namespace) => (
              <Row key={namespace.name} namespace={namespace} />
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Row({ namespace }: { readonly namespace: Namespace }) {
  const { name, hits, misses, joined, staleServed, factoryRuns, factoryFailures, hitRate } = namespace;
  const asked = askedOf(namespace);
  return (
    <tr>
      <th scope="row">
        <a href={withQuery("/cache/entries", { pattern: `${name}:**` })}>{name}</a>
      </th>
      <td data-label="Questions" class="number">
        {formatNumber(asked)}
      </td>
      <td data-label="Hit rate">
        <span class="rate">
          <span class="rate-value number">{hitRate === null ? "–" : formatPercent(hitRate)}</span>
          <ShareBar
            parts={[
              ...LEVELS.map((level) => ({
                name: LEVEL_LOOKS[level].label,
                tone: LEVEL_LOOKS[level].tone,
                share: hits[level] / Math.max(1, asked),
              })),
              { name: JOINED_LOOK.label, tone: JOINED_LOOK.tone, share: joined / Math.max(1, asked) },
            ]}
          />
        </span>
      </td>
      <td data-label="Misses" class="number">
        {formatNumber(misses)}
      </td>
      <td data-label="Joined" class="number">
        {formatNumber(joined)}
      </td>
      <td data-label="Stale" class="number">
        {formatNumber(staleServed)}
      </td>
      <td data-label="Failures" class={factoryFailures > 0 ? "number is-bad" : "number"}>
        {factoryFailures === 0 ? "0" : `${formatNumber(factoryFailures)} of ${formatNumber(factoryRuns)}`}
      </td>
    </tr>
  );
}
