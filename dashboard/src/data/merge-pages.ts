import type { Page } from "millrace/http";

/**
 * Renews the head of a list that was read page by page, so that "load more" does not start again. The fresh first page replaces
 * everything up to its last item; older items stay when the two meet, and go when there may be a hole between them.
 */
export function renewFirstPage<T extends { readonly id: string }>(known: Page<T>, fresh: Page<T>): Page<T> {
  if (fresh.next === null) return fresh;
  const freshIds = new Set(fresh.items.map(({ id }) => id));
  const meeting = known.items.findLastIndex(({ id }) => freshIds.has(id));
  const older = meeting === -1 ? [] : known.items.slice(meeting + 1);
  if (older.length === 0) return fresh;
  return { items: [...fresh.items, ...older], total: fresh.total, next: known.next };
}

/** Adds the following page. An item that moved meanwhile is not shown twice. */
export function appendPage<T extends { readonly id: string }>(known: Page<T>, following: Page<T>): Page<T> {
  const ids = new Set(known.items.map(({ id }) => id));
  return {
    items: [...known.items, ...following.items.filter(({ id }) => !ids.has(id))],
    total: following.total,
    next: following.next,
  };
}
