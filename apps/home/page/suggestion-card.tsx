import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { ApiError, unreachable } from "../../../dashboard/src/api/api-error.ts";
import { announce } from "../../../dashboard/src/components/announcer.tsx";
import { Icon } from "../../../dashboard/src/components/icon.tsx";
import { Ago } from "../../../dashboard/src/components/instant.tsx";
import { Problem } from "../../../dashboard/src/components/problem.tsx";
import { formatPercent } from "../../../dashboard/src/format/count.ts";
import type { SuggestionView } from "../api.ts";
import { decide, type Verb } from "./decision.ts";
import { DeploymentPanel } from "./deployment-panel.tsx";
import { EvidenceFacts, WeekdayStrip } from "./evidence-facts.tsx";
import { EvidencePicture } from "./evidence-picture.tsx";
import { suggestionAnchor } from "./suggestion-anchor.ts";
import { PriorityBadge, SourceBadge, SuggestionStatusBadge } from "./suggestion-badges.tsx";
import { TrialPanel } from "./trial-panel.tsx";

interface SuggestionCardProps {
  readonly suggestion: SuggestionView;
  /** Called with the suggestion as the server has it after a decision. */
  readonly onDecided: (suggestion: SuggestionView) => void;
}

/** A suggestion with what it rests on, and the two answers to it. */
export function SuggestionCard({ suggestion, onDecided }: SuggestionCardProps) {
  const pending = useSignal<Verb | null>(null);
  const problem = useSignal<ApiError | null>(null);
  const title = useRef<HTMLHeadingElement>(null);
  const titleId = suggestionAnchor(suggestion.id);
  useEffect(() => {
    if (window.location.hash === `#${titleId}`) title.current?.focus();
  }, [titleId]);

  async function answer(verb: Verb): Promise<void> {
    if (pending.peek() !== null) return;
    pending.value = verb;
    problem.value = null;
    try {
      const decided = await decide(suggestion, verb);
      onDecided(decided);
      announce(`${decided.title}: ${decided.status}.`);
      // The buttons are gone: the focus stays with the card.
      title.current?.focus({ preventScroll: true });
    } catch (error) {
      problem.value = error instanceof ApiError ? error : unreachable(error);
    } finally {
      pending.value = null;
    }
  }

  return (
    <article class={`suggestion is-${suggestion.status}`} aria-labelledby={titleId} data-suggestion={suggestion.id}>
      <div class="suggestion-words">
        <p class="suggestion-kind">
          <span>{suggestion.category}</span>
          <SuggestionStatusBadge status={suggestion.status} />
        </p>
        <h2 id={titleId} ref={title} tabIndex={-1}>
          {suggestion.title}
        </h2>
        <p>{suggestion.description}</p>
        <p class="rule-sentence">{suggestion.sentence}</p>
        <p class="rationale">{suggestion.rationale}</p>
        <ul class="badges">
          <li>
            <Confidence value={suggestion.confidence} />
          </li>
          <li>
            <PriorityBadge priority={suggestion.priority} />
          </li>
          <li>
            <SourceBadge suggestion={suggestion} />
          </li>
        </ul>
        {suggestion.degraded !== null && <p class="fine">{suggestion.degraded}</p>}
        <Decision suggestion={suggestion} pending={pending.value} onAnswer={answer} />
        {problem.value && <Problem problem={problem.value} />}
        {WAS_APPROVED.has(suggestion.status) && <DeploymentPanel suggestion={suggestion} onChanged={onDecided} />}
      </div>
      <div class="suggestion-evidence">
        <EvidencePicture rule={suggestion.rule} title={`When it happened: ${suggestion.title}`} />
        <WeekdayStrip evidence={suggestion.rule.evidence} />
        <EvidenceFacts evidence={suggestion.rule.evidence} />
        {suggestion.version > 1 && (
          <p class="fine">
            The evidence is that of the habit as it was found; the rule was refined since (version {suggestion.version}
            ).
          </p>
        )}
        <TrialPanel suggestion={suggestion} onRevised={onDecided} />
      </div>
    </article>
  );
}

/** States of what a person said yes to, and that may stand in a home. */
const WAS_APPROVED: ReadonlySet<SuggestionView["status"]> = new Set([
  "approved",
  "deploying",
  "deployed",
  "changed_outside",
  "rolled_back",
  "removed",
]);

function Confidence({ value }: { readonly value: number }) {
  return (
    <span class="badge badge-plain" title="The lower end of the 95 % interval of its hit rate">
      {formatPercent(value)} confidence
    </span>
  );
}

interface DecisionProps {
  readonly suggestion: SuggestionView;
  readonly pending: Verb | null;
  readonly onAnswer: (verb: Verb) => Promise<void>;
}

function Decision({ suggestion, pending, onAnswer }: DecisionProps) {
  const { status, decidedAt, decidedBy, reason } = suggestion;
  if (status !== "draft" && status !== "refined" && status !== "expired") {
    return (
      <p class="fine decided">
        {status === "rejected" ? "Rejected" : status === "retired" ? "Retired" : "Approved"}
        {decidedAt !== null && (
          <>
            {" "}
            <Ago at={decidedAt} />
          </>
        )}
        {decidedBy !== null && ` by ${decidedBy}`}
        {reason !== null && ` (${reason})`}, suggested by{" "}
        <a href={`/runs/${encodeURIComponent(suggestion.runId)}`}>
          this run<span class="visually-hidden"> for {suggestion.title}</span>
        </a>
        .
      </p>
    );
  }
  const isBusy = pending !== null;
  return (
    <div class="decision">
      <button
        type="button"
        class="button button-primary"
        aria-disabled={isBusy}
        onClick={() => void onAnswer("approve")}
      >
        <Icon name="done" />
        {pending === "approve" ? "Approving…" : "Approve"}
        <span class="visually-hidden"> {suggestion.title}</span>
      </button>
      <button type="button" class="button" aria-disabled={isBusy} onClick={() => void onAnswer("reject")}>
        <Icon name="failed" />
        {pending === "reject" ? "Rejecting…" : "Reject"}
        <span class="visually-hidden"> {suggestion.title}</span>
      </button>
    </div>
  );
}
