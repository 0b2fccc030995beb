import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { ApiError, unreachable } from "../api/api-error.ts";
import { Icon, type IconName } from "./icon.tsx";
import { Problem } from "./problem.tsx";

interface ActionButtonProps {
  readonly icon: IconName;
  readonly isPrimary?: boolean;
  /** What is read out beside the visible words, where several buttons look the same. */
  readonly about?: string;
  readonly onAct: () => Promise<void>;
  readonly children: ComponentChildren;
}

/** A button that asks the API for something: it cannot be pressed twice, and shows why it failed. */
export function ActionButton({ icon, isPrimary = false, about, onAct, children }: ActionButtonProps) {
  const isBusy = useSignal(false);
  const problem = useSignal<ApiError | null>(null);

  async function act(): Promise<void> {
    if (isBusy.peek()) return;
    isBusy.value = true;
    problem.value = null;
    try {
      await onAct();
    } catch (error) {
      problem.value = error instanceof ApiError ? error : unreachable(error);
    } finally {
      isBusy.value = false;
    }
  }

  return (
    <div class="action">
      <button
        type="button"
        class={isPrimary ? "button button-primary" : "button"}
        aria-disabled={isBusy.value}
        onClick={() => void act()}
      >
        <Icon name={icon} />
        {children}
        {about !== undefined && <span class="visually-hidden"> {about}</span>}
      </button>
      {problem.value && <Problem problem={problem.value} />}
    </div>
  );
}
