import type { StartedRunView } from "millrace/http";
import { api } from "../api/api.ts";
import { announce } from "../components/announcer.tsx";
import { ActionButton } from "../components/action-button.tsx";

interface RunNowProps {
  readonly automation: string;
  readonly isPrimary?: boolean;
}

/** Starts a run by hand. */
export function RunNow({ automation, isPrimary = false }: RunNowProps) {
  async function start(): Promise<void> {
    const { isNew } = await api.post<StartedRunView>(`/api/automations/${encodeURIComponent(automation)}/runs`);
    announce(isNew ? `${automation} was started.` : `${automation} runs already.`);
  }
  return (
    <ActionButton icon="play" isPrimary={isPrimary} onAct={start}>
      Run {automation} now
    </ActionButton>
  );
}
