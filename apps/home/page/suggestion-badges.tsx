import { Icon, type IconName } from "../../../dashboard/src/components/icon.tsx";
import type { Priority, SuggestionStatus, SuggestionView } from "../api.ts";

const STATUS: Readonly<Record<SuggestionStatus, { label: string; icon: IconName; tone: string }>> = {
  draft: { label: "Draft", icon: "draft", tone: "water" },
  refined: { label: "Refined", icon: "draft", tone: "water" },
  retired: { label: "Retired", icon: "failed", tone: "rust" },
  approved: { label: "Approved", icon: "done", tone: "moss" },
  rejected: { label: "Rejected", icon: "failed", tone: "rust" },
  expired: { label: "Expired", icon: "failed", tone: "rust" },
  deploying: { label: "Deploying", icon: "draft", tone: "water" },
  deployed: { label: "Deployed", icon: "done", tone: "moss" },
  changed_outside: { label: "Edited in the home", icon: "draft", tone: "rust" },
  rolled_back: { label: "Rolled back", icon: "failed", tone: "rust" },
  removed: { label: "Removed in the home", icon: "failed", tone: "rust" },
};

/** Where a suggestion stands. */
export function SuggestionStatusBadge({ status }: { readonly status: SuggestionStatus }) {
  const { label, icon, tone } = STATUS[status];
  return (
    <span class={`badge badge-${tone}`}>
      <Icon name={icon} size={14} />
      {label}
    </span>
  );
}

const SOURCES: Readonly<Record<SuggestionView["source"], string>> = {
  provider: "written by a model",
  memory: "written by a model, remembered",
  database: "written by a model, remembered",
  files: "written by a model, remembered",
  similar: "taken from a similar one",
  joined: "written by a model",
  batch: "written by a model in a batch",
  stale: "written by a model, out of date",
  fallback: "written by a fallback model",
  rules: "written by rules",
};

/** Who wrote the words; with the reason when it was not a model as it should have been. */
export function SourceBadge({ suggestion }: { readonly suggestion: SuggestionView }) {
  const { source, model, degraded } = suggestion;
  return (
    <span class={degraded === null ? "badge badge-plain" : "badge badge-grain"} title={`source ${source}, ${model}`}>
      <Icon name={degraded === null ? "done" : "info"} size={14} />
      {SOURCES[source]}
    </span>
  );
}

const BARS: Readonly<Record<Priority, number>> = { high: 3, medium: 2, low: 1 };

/** The priority as up to three bars and a word. */
export function PriorityBadge({ priority }: { readonly priority: Priority }) {
  return (
    <span class="badge badge-plain">
      <svg width="14" height="12" viewBox="0 0 14 12" aria-hidden="true" focusable="false">
        {[0, 1, 2].map((index) => (
          <rect
            key={index}
            class={index < BARS[priority] ? "priority-on" : "priority-off"}
            x={index * 5}
            y={8 - index * 4}
            width="3"
            height={4 + index * 4}
          />
        ))}
      </svg>
      {priority} priority
    </span>
  );
}
