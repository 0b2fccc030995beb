import { formatNumber } from "../../../dashboard/src/format/count.ts";
import type { Evidence } from "../domain/rule.ts";
import { chanceInWords, countByWeekday, formatProbability, luckInWords } from "./evidence-words.ts";

/** The numbers behind a rule, in plain words first. */
export function EvidenceFacts({ evidence }: { readonly evidence: Evidence }) {
  const { days_hit, days_possible, held_out, chance, q, p } = evidence;
  const judged = held_out.hits + held_out.misses;
  return (
    <dl class="evidence-facts">
      <div>
        <dt>Happened</dt>
        <dd>
          <strong>
            {formatNumber(days_hit)} of {formatNumber(days_possible)}
          </strong>{" "}
          days
        </dd>
      </div>
      <div>
        <dt>Checked on later days</dt>
        <dd>
          {judged === 0 ? (
            "too few to check"
          ) : (
            <>
              <strong>
                {held_out.hits} of {judged}
              </strong>{" "}
              right
            </>
          )}
        </dd>
      </div>
      <div>
        <dt>Would happen anyway</dt>
        <dd>{chanceInWords(chance)}</dd>
      </div>
      <div>
        <dt>So often by luck</dt>
        <dd>
          {luckInWords(q)}{" "}
          <span class="fine number nowrap">
            (p {formatProbability(p)}, q {formatProbability(q)})
          </span>
        </dd>
      </div>
    </dl>
  );
}

const NAMES = { mon: "Mon", tue: "Tue", wed: "Wed", thu: "Thu", fri: "Fri", sat: "Sat", sun: "Sun" } as const;

/** Hits by weekday, as seven small vessels. */
export function WeekdayStrip({ evidence }: { readonly evidence: Evidence }) {
  return (
    <ul class="weekdays" aria-label="Hits by weekday">
      {countByWeekday(evidence.occurrences).map(({ day, hits, trials }) => (
        <li key={day}>
          <span class="weekday-name">{NAMES[day]}</span>
          <span class="vessel" aria-hidden="true">
            <span style={{ height: `${trials === 0 ? 0 : (100 * hits) / trials}%` }} />
          </span>
          <span class="weekday-count number">{trials === 0 ? "–" : `${hits}/${trials}`}</span>
        </li>
      ))}
    </ul>
  );
}
