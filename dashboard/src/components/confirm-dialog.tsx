import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { ApiError, unreachable } from "../api/api-error.ts";
import { Icon, type IconName } from "./icon.tsx";
import { PAGE_TITLE_ID } from "./page-header.tsx";
import { Problem } from "./problem.tsx";

interface ConfirmDialogProps {
  readonly title: string;
  readonly icon: IconName;
  /** What the button that does it says. */
  readonly action: string;
  /** Does it; the dialog closes when that resolves, and shows why when it fails. */
  readonly onConfirm: () => Promise<void>;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** Asks before something that cannot be undone. Escape and Cancel leave everything as it is. */
export function ConfirmDialog({ title, icon, action, onConfirm, onClose, children }: ConfirmDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const isBusy = useSignal(false);
  const problem = useSignal<ApiError | null>(null);
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => {
      element?.close();
      queueMicrotask(focusOnTitleWhenLost);
    };
  }, []);

  async function confirm(): Promise<void> {
    if (isBusy.peek()) return;
    isBusy.value = true;
    problem.value = null;
    try {
      await onConfirm();
      onClose();
    } catch (error) {
      problem.value = error instanceof ApiError ? error : unreachable(error);
    } finally {
      isBusy.value = false;
    }
  }

  return (
    <dialog ref={dialog} class="dialog" aria-labelledby={titleId} onClose={onClose}>
      <h2 id={titleId}>{title}</h2>
      <div class="dialog-body">{children}</div>
      {problem.value && <Problem problem={problem.value} />}
      <div class="dialog-actions">
        <button type="button" class="button" onClick={onClose}>
          Cancel
        </button>
        <button type="button" class="button button-danger" aria-disabled={isBusy.value} onClick={() => void confirm()}>
          <Icon name={icon} />
          {isBusy.value ? "Working…" : action}
        </button>
      </div>
    </dialog>
  );
}

/** The browser gives the focus back to where it was when a modal dialog closes; that may be gone by what was confirmed. */
function focusOnTitleWhenLost(): void {
  if (document.activeElement !== null && document.activeElement !== document.body) return;
  document.getElementById(PAGE_TITLE_ID)?.focus({ preventScroll: true });
}
