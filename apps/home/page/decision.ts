import { api } from "../../../dashboard/src/api/api.ts";
import type { SuggestionView } from "../api.ts";

export type Verb = "approve" | "reject";

/** Approves or rejects a suggestion in the version that is shown, and gives it as it stands then. Throws ApiError. */
export function decide({ id, version }: Pick<SuggestionView, "id" | "version">, verb: Verb): Promise<SuggestionView> {
  return api.post<SuggestionView>(`/api/home/suggestions/${encodeURIComponent(id)}/${verb}`, { version });
}
