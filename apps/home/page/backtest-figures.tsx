import { formatNumber, formatPercent } from "../../../dashboard/src/format/count.ts";
import type { Backtest } from "../backtest/backtest.ts";
import type { Trial } from "../suggestions/try-edits.ts";

const ROWS: readonly { readonly label: string; readonly of: (test: Backtest) => string }[] = [
  { label: "Would have acted", of: ({ fired }) => formatNumber(fired) },
  { label: "As people did", of: ({ matched, perWeek }) => `${formatNumber(matched)} (${perWeek.matched} a week)` },
  { label: "When nobody did", of: ({ wrong, perWeek }) => `${formatNumber(wrong)} (${perWeek.wrong} a week)` },
  { label: "When it was so already", of: ({ noOp, perWeek }) => `${formatNumber(noOp)} (${perWeek.noOp} a week)` },
  {
    label: "Right, of those with an effect",
    of: ({ precision }) => (precision === null ? "–" : formatPercent(precision)),
  },
];

/** The figures of a rule on the history, and beside them those of the rule as it would be. */
export function BacktestFigures({ trial: { before, after, difference } }: { readonly trial: Trial }) {
  const isChanged = difference.length > 0;
  return (
    <table class="table backtest-figures" aria-live="polite">
      <caption>
        On the {formatNumber(after.days)} days from {after.from} to {after.until}
      </caption>
      <thead>
        <tr>
          <th scope="col">The rule</th>
          <th scope="col" class="number">
            As it is
          </th>
          {isChanged && (
            <th scope="col" class="number">
              Changed
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {ROWS.map(({ label, of }) => (
          <tr key={label}>
            <th scope="row">{label}</th>
            <td class="number">{of(before)}</td>
            {isChanged && <td class="number">{of(after)}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
