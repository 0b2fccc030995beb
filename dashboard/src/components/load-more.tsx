import { formatNumber } from "../format/count.ts";
import type { List, ListPart } from "../data/use-list.ts";
import { Problem } from "./problem.tsx";

interface LoadMoreProps<P extends ListPart> {
  readonly list: List<P>;
  readonly page: ListPart & { readonly items: readonly unknown[]; readonly total?: number };
  /** Plural noun of the items. */
  readonly noun: string;
}

/** The foot of a list: how much of it is shown, and the way to more. */
export function LoadMore<P extends ListPart>({ list, page, noun }: LoadMoreProps<P>) {
  return (
    <div class="load-more">
      {list.moreProblem && <Problem problem={list.moreProblem} onRetry={list.loadMore} />}
      <p class="fine" role="status">
        {extentOf(page)} {noun}
      </p>
      {page.next !== null && (
        <button type="button" class="button" aria-disabled={list.isLoadingMore} onClick={() => void list.loadMore()}>
          {list.isLoadingMore ? "Loading…" : "Load more"}
        </button>
      )}
    </div>
  );
}

function extentOf({ items, total, next }: LoadMoreProps<ListPart>["page"]): string {
  const shown = formatNumber(items.length);
  if (total !== undefined) return `${shown} of ${formatNumber(total)}`;
  return next === null ? `${shown} of ${shown}` : `The first ${shown}`;
}
