import { api } from "../../../dashboard/src/api/api.ts";
import type { RunDetail } from "millrace/http";
import { watchLive } from "../../../dashboard/src/live/live.ts";
import type { SuggestionView } from "../api.ts";
import type { RefineResult } from "../suggestions/refine-automation.ts";
import type { RuleEdit } from "../suggestions/rule-edit.ts";
import type { Trial } from "../suggestions/try-edits.ts";

const pathOf = (id: string): string => `/api/home/suggestions/${encodeURIComponent(id)}`;

/** Tries a suggestion with some edits on its home's history. Throws ApiError. */
export function tryOut(suggestion: string, edits: readonly RuleEdit[]): Promise<Trial> {
  return api.post<Trial>("/api/home/backtest", { suggestion, edits });
}

/** Has a wish read; resolves when the run that reads it has ended. Throws ApiError. */
export async function propose(id: string, wish: string): Promise<RefineResult> {
  const { runId } = await api.post<{ readonly runId: string }>(`${pathOf(id)}/refine`, { wish });
  const run = await endOf(runId);
  if (run.output !== null) return run.output as RefineResult;
  throw new Error(run.error?.message ?? "The run that reads the wish was canceled.");
}

/** Keeps the edits as the next version. Throws ApiError. */
export function revise(
  { id, version }: Pick<SuggestionView, "id" | "version">,
  change: { readonly edits: readonly RuleEdit[]; readonly wish?: string },
): Promise<SuggestionView> {
  return api.post<SuggestionView>(`${pathOf(id)}/revise`, { version, ...change });
}

/** Waits for the end of a run, which the live events tell. */
export async function endOf(runId: string): Promise<RunDetail> {
  const path = `/api/runs/${encodeURIComponent(runId)}`;
  const { promise, resolve, reject } = Promise.withResolvers<RunDetail>();
  async function look(): Promise<void> {
    const run = await api.get<RunDetail>(path);
    if (run.endedAt !== null) resolve(run);
  }
  const stop = watchLive((event) => {
    if (event === "resync" || event.name === "run-end") look().catch(reject);
  });
  // It may have ended before anybody listened.
  look().catch(reject);
  try {
    return await promise;
  } finally {
    stop();
  }
}
