/** A part of a list of things with ids; `next` is the cursor of the following one. */
interface Part {
  readonly items: readonly { readonly id: string }[];
  readonly next: string | null;
}

/**
 * Renews the head of a list that was read page by page, so that "load more" does not start again. The fresh first page replaces
 * everything up to its last item; older items stay when the two meet, and go when there may be a hole between them.
 */
export function renewFirstPage<P extends Part>(known: P, fresh: P): P {
  if (fresh.next === null) return fresh;
  const freshIds = new Set(fresh.items.map(({ id }) => id));
  const meeting = known.items.findLastIndex(({ id }) => freshIds.has(id));
  const older = meeting === -1 ? [] : known.items.slice(meeting + 1);
  if (older.length === 0) return fresh;
  return { ...fresh, items: [...fresh.items, ...older], next: known.next };
}

/** Adds the following page. An item that moved meanwhile is not shown twice. */
export function appendPage<P extends Part>(known: P, following: P): P {
  const ids = new Set(known.items.map(({ id }) => id));
  return { ...following, items: [...known.items, ...following.items.filter(({ id }) => !ids.has(id))] };
}

/** Keeps items that the fresh list no longer has, each behind the one that it followed. */
export function keepItems<P extends Part>(known: P, fresh: P, keptIds: ReadonlySet<string>): P {
  const items = [...fresh.items];
  let place = 0;
  for (const item of known.items) {
    const found = items.findIndex(({ id }) => id === item.id);
    if (found !== -1) place = found + 1;
    else if (keptIds.has(item.id)) items.splice(place++, 0, item);
  }
  return { ...fresh, items };
}
