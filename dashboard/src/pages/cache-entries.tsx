import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { CacheEntriesPage as Entries, CacheView } from "millrace/http";
import { CacheSections } from "../cache/cache-sections.tsx";
import { EntryTable } from "../cache/entry-table.tsx";
import { InvalidateDialog, type InvalidateTarget } from "../cache/invalidate-dialog.tsx";
import { Empty } from "../components/empty.tsx";
import { Icon } from "../components/icon.tsx";
import { LoadedView } from "../components/loaded-view.tsx";
import { LoadMore } from "../components/load-more.tsx";
import { PageHeader } from "../components/page-header.tsx";
import { Skeleton } from "../components/skeleton.tsx";
import { useList } from "../data/use-list.ts";
import { useResource } from "../data/use-resource.ts";
import type { PageProps } from "../page-types.ts";
import { withQuery } from "../routing/match.ts";
import { navigate } from "../routing/navigation.ts";

const PATH = "/cache/entries";
const EVERYTHING = "**";
const MOST_OFFERED = 6;

/** What the cache holds, by key. */
export function CacheEntriesPage({ query }: PageProps) {
  const pattern = query.get("pattern") ?? EVERYTHING;
  const target = useSignal<InvalidateTarget | null>(null);
  // An entry that went must not stay in the list, so a reload begins at the first page again.
  const list = useList<Entries>("/api/cache/entries", { pattern }, { renew: takeFresh, append });
  const shown = list.state.status === "ready" ? list.state.data.items : [];

  return (
    <>
      <PageHeader title="Cache" lead="What is kept, by key. Looking at an entry counts no hit and moves nothing." />
      <CacheSections current={PATH} />
      <PatternSearch
        key={pattern}
        pattern={pattern}
        onRefresh={list.reload}
        onInvalidate={() => (target.value = { kind: "pattern", name: pattern })}
      />
      <LoadedView state={list.state} onRetry={list.reload} skeleton={<Skeleton rows={8} height={44} />}>
        {(page) =>
          page.items.length === 0 ? (
            <NoEntries pattern={pattern} />
          ) : (
            <section class="panel" aria-label="Entries">
              <EntryTable entries={page.items} onInvalidate={(chosen) => (target.value = chosen)} />
              <LoadMore list={list} page={page} noun="entries" />
            </section>
          )
        }
      </LoadedView>
      {target.value !== null && (
        <InvalidateDialog
          target={target.value}
          shown={shown}
          onClose={() => (target.value = null)}
          onDone={list.reload}
        />
      )}
    </>
  );
}

function takeFresh(_known: Entries, fresh: Entries): Entries {
  return fresh;
}

function append(known: Entries, following: Entries): Entries {
  return { ...following, items: [...known.items, ...following.items] };
}

interface PatternSearchProps {
  readonly pattern: string;
  readonly onRefresh: () => Promise<void>;
  readonly onInvalidate: () => void;
}

function PatternSearch({ pattern, onRefresh, onInvalidate }: PatternSearchProps) {
  const typed = useSignal(pattern);
  const { state } = useResource<CacheView>("/api/cache");
  const namespaces = state.status === "ready" ? state.data.namespaces.slice(0, MOST_OFFERED) : [];
  useEffect(() => {
    typed.value = pattern;
  }, [pattern, typed]);

  function search(event: SubmitEvent): void {
    event.preventDefault();
    const wanted = typed.peek().trim();
    if (wanted === pattern) void onRefresh();
    else navigate(withQuery(PATH, { pattern: wanted }));
  }

  return (
    <form class="search" role="search" onSubmit={search}>
      <label for="pattern">Keys that match</label>
      <div class="search-line">
        <input
          id="pattern"
          class="input mono"
          value={typed.value}
          autocomplete="off"
          spellcheck={false}
          aria-describedby="pattern-help"
          onInput={(event) => (typed.value = event.currentTarget.value)}
        />
        <button type="submit" class="button button-primary">
          <Icon name="search" />
          Search
        </button>
        <button type="button" class="button" onClick={onInvalidate}>
          <Icon name="trash" />
          Invalidate matches
        </button>
      </div>
      <p id="pattern-help" class="fine">
        <code>*</code> is one part of a key between colons, <code>**</code> any number of them.
        {namespaces.map(({ name }) => (
          <a key={name} class="offer" href={withQuery(PATH, { pattern: `${name}:**` })}>
            <code>{name}:**</code>
          </a>
        ))}
      </p>
    </form>
  );
}

function NoEntries({ pattern }: { readonly pattern: string }) {
  if (pattern !== EVERYTHING) {
    return (
      <Empty icon="search" title="No key matches">
        Nothing is kept under <code>{pattern}</code> now. See <a href={PATH}>all entries</a>.
      </Empty>
    );
  }
  return (
    <Empty icon="cache" title="The cache is empty">
      Start an automation on the <a href="/">overview</a>: answers of models, reads of the database and answers of this
      API are kept as they are asked for.
    </Empty>
  );
}
