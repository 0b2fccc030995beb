import type { ReadonlySignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { Page } from "millrace/http";
import { withQuery } from "../routing/match.ts";
import { appendPage, keepItems, renewFirstPage } from "./merge-pages.ts";
import { type List, useList } from "./use-list.ts";

export interface PagedList<T> extends List<Page<T>> {
  /** Shows a newer version of an item, which stays to be seen until another list is asked for, though it may no longer belong to this one. */
  readonly replace: (item: T) => void;
}

/** Reads a keyset-paged list, and renews its head whenever `reloadOn` changes. */
export function usePages<T extends { readonly id: string }>(
  path: string,
  query: Readonly<Record<string, string | undefined>>,
  reloadOn?: ReadonlySignal<unknown>,
): PagedList<T> {
  const replaced = useMemo(() => new Set<string>(), [withQuery(path, query)]);
  const list = useList<Page<T>>(path, query, {
    renew: (known, fresh) => keepItems(known, renewFirstPage(known, fresh), replaced),
    append: appendPage,
    reloadOn,
  });
  return {
    ...list,
    replace(item) {
      replaced.add(item.id);
      list.edit((page) => ({ ...page, items: page.items.map((other) => (other.id === item.id ? item : other)) }));
    },
  };
}
