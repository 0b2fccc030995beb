import { useSignal } from "@preact/signals";
import { Icon } from "../../../dashboard/src/components/icon.tsx";
import { formatNumber, formatPercent } from "../../../dashboard/src/format/count.ts";
import type { PatternView } from "../api.ts";
import type { RuleKind } from "../domain/rule.ts";
import { suggestionAnchor } from "./suggestion-anchor.ts";
import { EvidenceFacts, WeekdayStrip } from "./evidence-facts.tsx";
import { EvidencePicture } from "./evidence-picture.tsx";

const COLUMNS = 5;
const KINDS: Readonly<Record<RuleKind, string>> = {
  time_of_day: "Time of day",
  sun: "By the sun",
  state_pair: "One after another",
  sequence: "Several in a row",
  presence: "Coming and going",
  duration: "For a while",
  forgotten_on: "Left on",
};

/** Rules as a table; each row opens to its evidence. */
export function PatternTable({ patterns }: { readonly patterns: readonly PatternView[] }) {
  return (
    <table class="table cards-when-narrow patterns">
      <caption class="visually-hidden">Patterns, strongest first</caption>
      <thead>
        <tr>
          <th scope="col">Rule</th>
          <th scope="col">Kind</th>
          <th scope="col" class="number">
            Confidence
          </th>
          <th scope="col" class="number">
            Days
          </th>
          <th scope="col">Suggestion</th>
        </tr>
      </thead>
      {patterns.map((pattern) => (
        <PatternRows key={`${pattern.home} ${pattern.id}`} pattern={pattern} />
      ))}
    </table>
  );
}

function PatternRows({ pattern }: { readonly pattern: PatternView }) {
  const isOpen = useSignal(false);
  const { rule, sentence, home } = pattern;
  const detailId = `pattern-${home}-${pattern.id}`;
  return (
    <tbody>
      <tr>
        <th scope="row">
          <button
            type="button"
            class="row-toggle"
            aria-expanded={isOpen.value}
            aria-controls={detailId}
            onClick={() => (isOpen.value = !isOpen.value)}
          >
            <Icon name="chevron" size={14} />
            {sentence}
          </button>
        </th>
        <td data-label="Kind">{KINDS[rule.kind]}</td>
        <td data-label="Confidence" class="number">
          {formatPercent(rule.confidence)}
        </td>
        <td data-label="Days" class="number">
          {formatNumber(rule.evidence.days_hit)} of {formatNumber(rule.evidence.days_possible)}
        </td>
        <td data-label="Suggestion">
          {pattern.suggestionId === null ? (
            <span class="fine">none made</span>
          ) : (
            <a href={`/home/suggestions#${suggestionAnchor(pattern.suggestionId)}`}>
              suggested<span class="visually-hidden">: {sentence}</span>
            </a>
          )}
        </td>
      </tr>
      <tr id={detailId} class="row-detail" hidden={!isOpen.value}>
        <td colSpan={COLUMNS}>
          {isOpen.value && (
            <div class="pattern-evidence">
              <EvidencePicture rule={rule} title={`When it happened: ${sentence}`} />
              <div>
                <WeekdayStrip evidence={rule.evidence} />
                <EvidenceFacts evidence={rule.evidence} />
              </div>
            </div>
          )}
        </td>
      </tr>
    </tbody>
  );
}
