import { type ReadonlySignal, useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import type { Page } from "millrace/http";
import { api } from "../api/api.ts";
import { ApiError, unreachable } from "../api/api-error.ts";
import { withQuery } from "../routing/match.ts";
import type { Loaded } from "./loaded.ts";
import { createLoader, type Loader } from "./loader.ts";
import { appendPage, renewFirstPage } from "./merge-pages.ts";
import { useReload } from "./use-reload.ts";

export interface PagedList<T> {
  readonly state: Loaded<Page<T>>;
  readonly reload: () => Promise<void>;
  /** Fetches the following page. */
  readonly loadMore: () => Promise<void>;
  readonly isLoadingMore: boolean;
  /** Why the following page could not be fetched. */
  readonly moreProblem: ApiError | null;
  /** Shows a newer version of an item. */
  readonly replace: (item: T) => void;
}

/** Reads a keyset-paged list, and renews its head whenever `reloadOn` changes. */
export function usePages<T extends { readonly id: string }>(
  path: string,
  query: Readonly<Record<string, string | undefined>>,
  reloadOn?: ReadonlySignal<unknown>,
): PagedList<T> {
  const first = withQuery(path, query);
  const isLoadingMore = useSignal(false);
  const moreProblem = useSignal<ApiError | null>(null);

  const loader = useMemo(() => {
    const made: Loader<Page<T>> = createLoader(async (signal) => {
      const fresh = await api.get<Page<T>>(first, signal);
      const known = made.state.peek();
      return known.status === "ready" ? renewFirstPage(known.data, fresh) : fresh;
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
      const following = await api.get<Page<T>>(withQuery(path, { ...query, cursor: known.data.next }));
      loader.edit((page) => appendPage(page, following));
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
    replace: (item) =>
      loader.edit((page) => ({ ...page, items: page.items.map((other) => (other.id === item.id ? item : other)) })),
  };
}
