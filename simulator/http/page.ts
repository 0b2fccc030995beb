/** A part of a list, and what both providers say about its ends. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly ends: { readonly has_more: boolean; readonly first_id: string | null; readonly last_id: string | null };
}

export interface PageOptions {
  /** The id before the first item. */
  readonly after: string | null;
  /** The id after the last item. */
  readonly before?: string | null;
  readonly limit: string | null;
  /** Default length of a page. */
  readonly standard: number;
}

/** Cuts a page out of a list. */
export function pageOf<T extends { readonly id: string }>(
  all: readonly T[],
  { after, before, limit, standard }: PageOptions,
): Page<T> {
  const asked = Number(limit ?? standard);
  const length = Number.isInteger(asked) && asked > 0 ? asked : standard;
  const from = after === null ? 0 : all.findIndex(({ id }) => id === after) + 1;
  const until = before === null || before === undefined ? all.length : all.findIndex(({ id }) => id === before);
  const start = before === null || before === undefined ? from : Math.max(0, until - length);
  const items = all.slice(start, Math.min(until, start + length));
  const hasMore = before === null || before === undefined ? start + items.length < all.length : start > 0;
  return { items, ends: { has_more: hasMore, first_id: items[0]?.id ?? null, last_id: items.at(-1)?.id ?? null } };
}
