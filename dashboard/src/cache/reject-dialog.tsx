import type { SimilarHitView } from "millrace/http";
import { api } from "../api/api.ts";
import { announce } from "../components/announcer.tsx";
import { ConfirmDialog } from "../components/confirm-dialog.tsx";

interface RejectDialogProps {
  readonly hit: SimilarHitView;
  readonly onClose: () => void;
  readonly onDone: () => Promise<void>;
}

/** Says what a rejection does before it is done. */
export function RejectDialog({ hit, onClose, onDone }: RejectDialogProps) {
  async function reject(): Promise<void> {
    await api.post(`/api/cache/similar/${encodeURIComponent(hit.id)}/reject`);
    announce("Rejected: this pair is never given again.");
    await onDone();
  }
  return (
    <ConfirmDialog
      title="Reject this pair of questions"
      icon="failed"
      action="Reject"
      onConfirm={reject}
      onClose={onClose}
    >
      <p>
        “{shorten(hit.asked)}” will never be answered as “{shorten(hit.matched)}” again, and it counts as a wrong reuse.
      </p>
      <p>The answers themselves stay, each for its own question. This cannot be undone.</p>
    </ConfirmDialog>
  );
}

const LONGEST = 160;

function shorten(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}…`;
}
