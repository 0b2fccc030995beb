import { type ReadonlySignal, signal } from "@preact/signals";
import { ApiError, unreachable } from "../api/api-error.ts";
import type { Loaded } from "./loaded.ts";

export interface Loader<T> {
  readonly state: ReadonlySignal<Loaded<T>>;
  /** Fetches anew; an earlier fetch under way is given up, and what is shown stays until the answer is here. */
  load(): Promise<void>;
  /** Changes what is shown. A fetch under way may answer with what was before the change: it is made anew. */
  edit(change: (data: T) => T): void;
  close(): void;
}

/** Fetches something and remembers it. */
export function createLoader<T>(fetch: (signal: AbortSignal) => Promise<T>): Loader<T> {
  const state = signal<Loaded<T>>({ status: "loading" });
  /** The fetch under way. */
  let current: AbortController | undefined;

  async function load(): Promise<void> {
    current?.abort();
    const mine = new AbortController();
    current = mine;
    try {
      const data = await fetch(mine.signal);
      if (!mine.signal.aborted) state.value = { status: "ready", data, problem: null };
    } catch (error) {
      if (mine.signal.aborted) return;
      const problem = error instanceof ApiError ? error : unreachable(error);
      const known = state.peek();
      state.value = known.status === "ready" ? { ...known, problem } : { status: "failed", problem };
    } finally {
      if (current === mine) current = undefined;
    }
  }

  return {
    state,
    load,
    edit(change) {
      const known = state.peek();
      if (known.status === "ready") state.value = { ...known, data: change(known.data) };
      if (current !== undefined) void load();
    },
    close() {
      current?.abort();
    },
  };
}
