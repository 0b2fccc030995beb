import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import { ApiError, unreachable } from "../../../dashboard/src/api/api-error.ts";
import { announce } from "../../../dashboard/src/components/announcer.tsx";
import { Icon } from "../../../dashboard/src/components/icon.tsx";
import { Problem } from "../../../dashboard/src/components/problem.tsx";
import type { SuggestionView } from "../api.ts";
import type { RefineResult } from "../suggestions/refine-automation.ts";
import type { RuleEdit } from "../suggestions/rule-edit.ts";
import { propose } from "./trial.ts";

interface WishFormProps {
  readonly suggestion: SuggestionView;
  /** Called with what the wish was read as; nothing is kept by that. */
  readonly onProposed: (edits: readonly RuleEdit[], wish: string) => void;
}

/** Asks in words for another rule. */
export function WishForm({ suggestion, onProposed }: WishFormProps) {
  const id = useId();
  const wish = useSignal("");
  const isBusy = useSignal(false);
  const answer = useSignal<RefineResult | null>(null);
  const problem = useSignal<ApiError | null>(null);

  async function ask(): Promise<void> {
    const words = wish.peek().trim();
    if (words === "" || isBusy.peek()) return;
    isBusy.value = true;
    problem.value = null;
    try {
      const result = await propose(suggestion.id, words);
      answer.value = result;
      if (result.problem === null && result.edits.length > 0) onProposed(result.edits, words);
      announce(
        result.edits.length > 0 && result.problem === null ? "Proposed: look at the difference." : notRead(result),
      );
    } catch (error) {
      problem.value = error instanceof ApiError ? error : unreachable(error);
    } finally {
      isBusy.value = false;
    }
  }

  return (
    <form
      class="wish"
      onSubmit={(event) => {
        event.preventDefault();
        void ask();
      }}
    >
      <label for={id}>
        Or say it in words<span class="visually-hidden">: {suggestion.title}</span>
      </label>
      <div class="wish-line">
        <input
          id={id}
          type="text"
          maxLength={500}
          placeholder="only on weekdays, ten minutes later, not when the TV is on"
          value={wish.value}
          onInput={(event) => (wish.value = event.currentTarget.value)}
        />
        <button type="submit" class="button" aria-disabled={isBusy.value}>
          <Icon name="draft" />
          {isBusy.value ? "Reading…" : "Propose"}
        </button>
      </div>
      {answer.value && <Answer answer={answer.value} />}
      {problem.value && <Problem problem={problem.value} />}
    </form>
  );
}

function Answer({ answer }: { readonly answer: RefineResult }) {
  const { edits, rest, problem, source, degraded } = answer;
  return (
    <>
      {(problem !== null || rest.length > 0 || edits.length === 0) && <p class="wish-rest">{notRead(answer)}</p>}
      {edits.length > 0 && (
        <p class="fine">
          Read by {source === "rules" ? "rules" : `a model (${answer.model})`}
          {degraded === null ? "." : `: ${degraded}`}
        </p>
      )}
    </>
  );
}

function notRead({ rest, problem }: RefineResult): string {
  if (problem !== null) return problem;
  return rest.length === 0
    ? "Nothing in it would change the rule."
    : `Not understood: ${rest.map((part) => `“${part}”`).join(", ")}. Try other words, or move the thresholds.`;
}
