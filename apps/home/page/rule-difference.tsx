import type { Trial } from "../suggestions/try-edits.ts";
import { YamlDifference } from "./yaml-difference.tsx";

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
          <YamlDifference before={yaml.before} after={yaml.after} />
        </details>
      )}
    </section>
  );
}
