import { signal } from "@preact/signals";
import type { LiveEvent, Page, RunSummary } from "millrace/http";
import { api } from "../api/api.ts";
import { withBase } from "../routing/base-path.ts";
import { type LiveState, NOTHING_LIVE, reduceLive, seedLive } from "./reduce.ts";
import { listen } from "./stream.ts";

/** What runs now. */
export const live = signal<LiveState>(NOTHING_LIVE);
export const connection = signal<"connecting" | "open" | "lost">("connecting");
/** Grows whenever a list of runs is out of date. */
export const runsChanged = signal(0);
/** Grows whenever a run has ended, and so may have stored something. */
export const runsEnded = signal(0);
/** Grows whenever a call was answered, or a request of one failed. */
export const callsEnded = signal(0);

const watchers = new Set<(event: LiveEvent | "resync") => void>();

/** Hears every event, and `resync` when some may have been missed. Call what it returns to stop. */
export function watchLive(watcher: (event: LiveEvent | "resync") => void): () => void {
  watchers.add(watcher);
  return () => void watchers.delete(watcher);
}

/** Connects; called once by the page. */
export function startLive(): () => void {
  return listen(withBase("/api/events/stream"), {
    onEvent(event) {
      live.value = reduceLive(live.value, event);
      if (event.name.startsWith("run-")) runsChanged.value += 1;
      if (event.name === "run-end") runsEnded.value += 1;
      if (event.name.startsWith("call-")) callsEnded.value += 1;
      for (const watcher of watchers) watcher(event);
    },
    onResync() {
      void seed();
      // What the page read before the first connection was open may be out of date as well.
      runsChanged.value += 1;
      runsEnded.value += 1;
      callsEnded.value += 1;
      for (const watcher of watchers) watcher("resync");
    },
    onState(state) {
      connection.value = state;
    },
  });
}

async function seed(): Promise<void> {
  const since: LiveEvent[] = [];
  const stop = watchLive((event) => void (event === "resync" || since.push(event)));
  try {
    const page = await api.get<Page<RunSummary>>("/api/runs?status=running");
    live.value = seedLive(live.value, page.items, since);
  } catch {
    // The lists show the same failure where it matters; the next connection seeds again.
  } finally {
    stop();
  }
}
