import type { Trial } from "../suggestions/try-edits.ts";
import { compareLines } from "./compare-lines.ts";

const PARTS = {
  trigger: "When",
  days: "Days",
  condition: "Only",
  devices: "Devices",
  window: "Counts as the same within",
} as const;

/** What would be another, part by part, and in the automation's own text. */
export function RuleDifference({ trial: { difference, sentence, yaml } }: { readonly trial: Trial }) {
  return (
    <section class="difference" aria-label="What would change">
      <p class="rule-sentence">{sentence.after}</p>
      <dl class="evidence-facts">
        {difference.map(({ part, before, after }, index) => (
          <div key={index}>
            <dt>{PARTS[part]}</dt>
            <dd>
              {before !== null && <del>{before}</del>} {after !== null && <ins>{after}</ins>}
            </dd>
          </div>
        ))}
      </dl>
      {yaml.before !== null && yaml.after !== null && (
        <details>
          <summary>As an automation</summary>
          <pre class="yaml" tabIndex={0}>
            {compareLines(yaml.before, yaml.after).map(({ kind, text }, index) => {
              if (kind === "same") return <span key={index}>{`  ${text}\n`}</span>;
              return kind === "added" ? <ins key={index}>{`+ ${text}\n`}</ins> : <del key={index}>{`- ${text}\n`}</del>;
            })}
          </pre>
        </details>
      )}
    </section>
  );
}
