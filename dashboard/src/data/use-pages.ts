import type { ReadonlySignal } from "@preact/signals";
import type { Page } from "millrace/http";
import { appendPage, renewFirstPage } from "./merge-pages.ts";
import { type List, useList } from "./use-list.ts";

export interface PagedList<T> extends List<Page<T>> {
  /** Shows a newer version of an item. */
  readonly replace: (item: T) => void;
}

/** Reads a keyset-paged list, and renews its head whenever `reloadOn` changes. */
export function usePages<T extends { readonly id: string }>(
  path: string,
  query: Readonly<Record<string, string | undefined>>,
  reloadOn?: ReadonlySignal<unknown>,
): PagedList<T> {
  const list = useList<Page<T>>(path, query, { renew: renewFirstPage, append: appendPage, reloadOn });
  return {
    ...list,
    replace: (item) =>
      list.edit((page) => ({ ...page, items: page.items.map((other) => (other.id === item.id ? item : other)) })),
  };
}
