import { useResource } from "../../../dashboard/src/data/use-resource.ts";
import { runsEnded } from "../../../dashboard/src/live/live.ts";
import type { HomeView } from "../api.ts";

/** The homes that were read; empty while that is not known. */
export function useHomes(): readonly HomeView[] {
  const { state } = useResource<{ readonly items: readonly HomeView[] }>("/api/home/homes", runsEnded);
  return state.status === "ready" ? state.data.items : [];
}
