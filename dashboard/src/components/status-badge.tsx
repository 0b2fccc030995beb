import type { RunSummary, StepView } from "millrace/http";
import { Icon, type IconName } from "./icon.tsx";

type Status = RunSummary["status"] | StepView["state"];

const LOOKS: Readonly<Record<Status, { readonly label: string; readonly icon: IconName; readonly tone: string }>> = {
  queued: { label: "Queued", icon: "queued", tone: "plain" },
  running: { label: "Running", icon: "running", tone: "water" },
  waiting: { label: "Waiting", icon: "waiting", tone: "grain" },
  done: { label: "Done", icon: "done", tone: "moss" },
  failed: { label: "Failed", icon: "failed", tone: "rust" },
  canceled: { label: "Canceled", icon: "canceled", tone: "plain" },
  open: { label: "To be tried again", icon: "retry", tone: "grain" },
};

/** The state of a run or a step, as a drawing and a word. */
export function StatusBadge({ status }: { readonly status: Status }) {
  const { label, icon, tone } = LOOKS[status];
  return (
    <span class={`badge badge-${tone}`}>
      <Icon name={icon} size={14} />
      {label}
    </span>
  );
}
