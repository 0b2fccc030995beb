import { useSignal } from "@preact/signals";
import { weekdayOfDate } from "../../../dashboard/src/format/time.ts";
import type { Occurrence, Rule } from "../domain/rule.ts";
import { clockOf } from "./rule-window.ts";

/** The picture as a table, newest first; made when it is opened, because a page has many. */
export function EvidenceTable({ rule, title }: { readonly rule: Rule; readonly title: string }) {
  const isOpen = useSignal(false);
  return (
    <details class="evidence-table" onToggle={(event) => (isOpen.value = event.currentTarget.open)}>
      <summary>
        As a table<span class="visually-hidden">: {title}</span>
      </summary>
      {isOpen.value && (
        <div class="table-room" tabIndex={0} role="region" aria-label={`Table: ${title}`}>
          <table class="table">
            <thead>
              <tr>
                <th scope="col">Date</th>
                <th scope="col">Weekday</th>
                <th scope="col">Time</th>
                <th scope="col">Result</th>
              </tr>
            </thead>
            <tbody>
              {rule.evidence.occurrences.toReversed().map((occurrence, index) => (
                <tr key={index}>
                  <th scope="row">{occurrence.date}</th>
                  <td>{weekdayOfDate(occurrence.date)}</td>
                  <td>{occurrence.minute === null ? "–" : clockOf(occurrence.minute)}</td>
                  <td>{resultOf(occurrence)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  );
}

function resultOf({ hit, minute }: Occurrence): string {
  if (hit) return "hit";
  return minute === null ? "nothing that day" : "miss";
}
