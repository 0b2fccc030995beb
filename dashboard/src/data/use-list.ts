import { type ReadonlySignal, useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { api } from "../api/api.ts";
import { ApiError, unreachable } from "../api/api-error.ts";
import { withQuery } from "../routing/match.ts";
import type { Loaded } from "./loaded.ts";
import { createLoader, type Loader } from "./loader.ts";
import { useReload } from "./use-reload.ts";

/** A part of a list; `next` is the cursor of the following one. */
export interface ListPart {
  readonly next: string | null;
}

export interface List<P extends ListPart> {
  readonly state: Loaded<P>;
  readonly reload: () => Promise<void>;
  /** Fetches the following part. */
  readonly loadMore: () => Promise<void>;
  readonly isLoadingMore: boolean;
  /** Why the following part could not be fetched. */
  readonly moreProblem: ApiError | null;
  /** Changes what is shown without fetching. */
  readonly edit: (change: (part: P) => P) => void;
}

export interface ListOptions<P> {
  /** What is shown once the first part was fetched again. */
  readonly renew: (known: P, fresh: P) => P;
  readonly append: (known: P, following: P) => P;
  /** The first part is fetched again whenever it changes. */
  readonly reloadOn?: ReadonlySignal<unknown> | undefined;
}

/** Reads a list part by part. `renew` and `append` are those of the call in which the path or the query changed. */
export function useList<P extends ListPart>(
  path: string,
  query: Readonly<Record<string, string | undefined>>,
  { renew, append, reloadOn }: ListOptions<P>,
): List<P> {
  const first = withQuery(path, query);
  const isLoadingMore = useSignal(false);
  const moreProblem = useSignal<ApiError | null>(null);

  const loader = useMemo(() => {
    const made: Loader<P> = createLoader(async (signal) => {
      const fresh = await api.get<P>(first, signal);
      const known = made.state.peek();
      return known.status === "ready" ? renew(known.data, fresh) : fresh;
    });
    return made;
  }, [first]);
  useEffect(() => {
    void loader.load();
    return () => loader.close();
  }, [loader]);
  useReload(reloadOn, loader);

  async function loadMore(): Promise<void> {
    const known = loader.state.peek();
    if (known.status !== "ready" || known.data.next === null || isLoadingMore.peek()) return;
    isLoadingMore.value = true;
    moreProblem.value = null;
    try {
      const following = await api.get<P>(withQuery(path, { ...query, cursor: known.data.next }));
      loader.edit((part) => append(part, following));
    } catch (error) {
      moreProblem.value = error instanceof ApiError ? error : unreachable(error);
    } finally {
      isLoadingMore.value = false;
    }
  }

  return {
    state: loader.state.value,
    reload: () => loader.load(),
    loadMore,
    isLoadingMore: isLoadingMore.value,
    moreProblem: moreProblem.value,
    edit: (change) => loader.edit(change),
  };
}
