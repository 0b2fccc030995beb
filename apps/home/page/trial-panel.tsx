import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { ApiError, unreachable } from "../../../dashboard/src/api/api-error.ts";
import { ActionButton } from "../../../dashboard/src/components/action-button.tsx";
import { announce } from "../../../dashboard/src/components/announcer.tsx";
import { Problem } from "../../../dashboard/src/components/problem.tsx";
import { Skeleton } from "../../../dashboard/src/components/skeleton.tsx";
import type { SuggestionView } from "../api.ts";
import type { RuleEdit } from "../suggestions/rule-edit.ts";
import type { Trial } from "../suggestions/try-edits.ts";
import { BacktestFigures } from "./backtest-figures.tsx";
import { BacktestPicture } from "./backtest-picture.tsx";
import { RuleDifference } from "./rule-difference.tsx";
import { Thresholds } from "./thresholds.tsx";
import { revise, tryOut } from "./trial.ts";
import { WishForm } from "./wish-form.tsx";

/** States in which a rule may still become another one. */
const REFINABLE: ReadonlySet<SuggestionView["status"]> = new Set([
  "draft",
  "refined",
  "approved",
  "expired",
  "rolled_back",
  "removed",
]);

interface TrialPanelProps {
  readonly suggestion: SuggestionView;
  readonly onRevised: (suggestion: SuggestionView) => void;
}

/** What the rule would have done; what it would have done with other thresholds, or as asked for in words; and keeping that. */
export function TrialPanel({ suggestion, onRevised }: TrialPanelProps) {
  const isOpen = useSignal(false);
  return (
    <details class="trial" onToggle={(event) => (isOpen.value = event.currentTarget.open)}>
      <summary>
        Try it on the past, and change it<span class="visually-hidden">: {suggestion.title}</span>
      </summary>
      {isOpen.value && (
        <Opened key={`${suggestion.id} ${suggestion.version}`} suggestion={suggestion} onRevised={onRevised} />
      )}
    </details>
  );
}

function Opened({ suggestion, onRevised }: TrialPanelProps) {
  const { id, rule, status } = suggestion;
  const edits = useSignal<readonly RuleEdit[]>([]);
  const wish = useSignal<string | undefined>(undefined);
  const trial = useSignal<Trial | null>(null);
  const problem = useSignal<ApiError | null>(null);
  /** Grows with every question: an answer to an older one is of no use. */
  const asked = useRef(0);

  async function test(): Promise<void> {
    const mine = (asked.current += 1);
    try {
      const answer = await tryOut(id, edits.peek());
      if (asked.current !== mine) return;
      trial.value = answer;
      problem.value = null;
    } catch (error) {
      if (asked.current === mine) problem.value = error instanceof ApiError ? error : unreachable(error);
    }
  }
  useEffect(() => {
    void test();
    return () => void (asked.current += 1);
  }, [id]);

  function change(next: readonly RuleEdit[], words?: string): void {
    edits.value = next;
    wish.value = words;
    void test();
  }

  async function keep(): Promise<void> {
    const words = wish.peek();
    const revised = await revise(suggestion, { edits: edits.peek(), ...(words === undefined ? {} : { wish: words }) });
    announce(`${revised.title}: kept as version ${revised.version}.`);
    onRevised(revised);
  }

  const shown = trial.value;
  return (
    <div class="trial-room">
      {problem.value && <Problem problem={problem.value} onRetry={test} />}
      {shown === null && problem.value === null && <Skeleton rows={1} height={220} />}
      {shown && (
        <>
          <BacktestFigures trial={shown} />
          <BacktestPicture rule={shown.rule} backtest={shown.after} title={suggestion.title} />
        </>
      )}
      {REFINABLE.has(status) && (
        <>
          <Thresholds rule={rule} title={suggestion.title} onChange={change} />
          <WishForm suggestion={suggestion} onProposed={change} />
        </>
      )}
      {shown && shown.difference.length > 0 && (
        <>
          <RuleDifference trial={shown} />
          <ActionButton icon="done" isPrimary about={suggestion.title} onAct={keep}>
            Keep this change
          </ActionButton>
        </>
      )}
    </div>
  );
}
