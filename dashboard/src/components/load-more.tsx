import type { Page } from "millrace/http";
import { formatNumber } from "../format/count.ts";
import type { PagedList } from "../data/use-pages.ts";
import { Problem } from "./problem.tsx";

interface LoadMoreProps<T> {
  readonly list: PagedList<T>;
  readonly page: Page<T>;
  /** Plural noun of the items. */
  readonly noun: string;
}

/** The foot of a list: how much of it is shown, and the way to more. */
export function LoadMore<T>({ list, page, noun }: LoadMoreProps<T>) {
  return (
    <div class="load-more">
      {list.moreProblem && <Problem problem={list.moreProblem} onRetry={list.loadMore} />}
      <p class="fine" role="status">
        {formatNumber(page.items.length)} of {formatNumber(page.total)} {noun}
      </p>
      {page.next !== null && (
        <button type="button" class="button" aria-disabled={list.isLoadingMore} onClick={() => void list.loadMore()}>
          {list.isLoadingMore ? "Loading…" : "Load more"}
        </button>
      )}
    </div>
  );
}
