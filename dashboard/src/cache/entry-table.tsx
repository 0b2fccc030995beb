import { useSignal } from "@preact/signals";
import type { CacheEntryDetail, CacheEntryView } from "millrace/http";
import { Swatch } from "../charts/chart-legend.tsx";
import { Icon } from "../components/icon.tsx";
import { JsonView } from "../components/json-view.tsx";
import { LoadedView } from "../components/loaded-view.tsx";
import { Skeleton } from "../components/skeleton.tsx";
import { now } from "../data/now.ts";
import { useResource } from "../data/use-resource.ts";
import { formatBytes } from "../format/bytes.ts";
import { formatDuration } from "../format/duration.ts";
import type { InvalidateTarget } from "./invalidate-dialog.tsx";
import { LEVEL_LOOKS } from "./level-looks.ts";
import { readableKey } from "./readable-key.ts";

const COLUMNS = 5;

interface EntryTableProps {
  readonly entries: readonly CacheEntryView[];
  readonly onInvalidate: (target: InvalidateTarget) => void;
}

/** Entries by key; each row opens to its value. */
export function EntryTable({ entries, onInvalidate }: EntryTableProps) {
  return (
    <table class="table cards-when-narrow entries">
      <caption class="visually-hidden">Entries by key</caption>
      <thead>
        <tr>
          <th scope="col">Key</th>
          <th scope="col">Level</th>
          <th scope="col" class="number">
            Age
          </th>
          <th scope="col" class="number">
            Fresh for
          </th>
          <th scope="col" class="number">
            Size
          </th>
        </tr>
      </thead>
      {entries.map((entry) => (
        <EntryRows key={entry.key} entry={entry} onInvalidate={onInvalidate} />
      ))}
    </table>
  );
}

function EntryRows({
  entry,
  onInvalidate,
}: Pick<EntryTableProps, "onInvalidate"> & { readonly entry: CacheEntryView }) {
  const isOpen = useSignal(false);
  const detailId = `entry-${entry.key}`;
  return (
    <tbody>
      <tr>
        <th scope="row">
          <button
            type="button"
            class="row-toggle"
            aria-expanded={isOpen.value}
            aria-controls={detailId}
            onClick={() => (isOpen.value = !isOpen.value)}
          >
            <Icon name="chevron" size={14} />
            <code title={entry.key}>{readableKey(entry.key)}</code>
          </button>
          {entry.isError && (
            <span class="badge badge-rust">
              <Icon name="failed" size={14} />
              kept failure
            </span>
          )}
        </th>
        <td data-label="Level">
          <span class="levels-of">
            {entry.levels.map((level) => (
              <span key={level}>
                <Swatch tone={LEVEL_LOOKS[level].tone} />
                {LEVEL_LOOKS[level].label}
              </span>
            ))}
          </span>
        </td>
        <td data-label="Age" class="number nowrap">
          {formatDuration(wholeSeconds(now.value - Date.parse(entry.createdAt)))}
        </td>
        <td data-label="Fresh for" class="number nowrap">
          <Freshness entry={entry} />
        </td>
        <td data-label="Size" class="number nowrap">
          {formatBytes(entry.bytes)}
        </td>
      </tr>
      <tr id={detailId} class="row-detail" hidden={!isOpen.value}>
        <td colSpan={COLUMNS}>{isOpen.value && <EntryDetail entry={entry} onInvalidate={onInvalidate} />}</td>
      </tr>
    </tbody>
  );
}

function Freshness({ entry: { createdAt, ageMs, ttlLeftMs, graceLeftMs } }: { readonly entry: CacheEntryView }) {
  const staleAt = Date.parse(createdAt) + ageMs + ttlLeftMs;
  const left = staleAt - now.value;
  if (left > 0) return <>{formatDuration(left < 1_000 ? left : wholeSeconds(left))}</>;
  const grace = graceLeftMs + Math.min(0, left);
  return (
    <span class="is-old" title={grace > 0 ? `given as old for another ${formatDuration(grace)}` : undefined}>
      {grace > 0 ? "stale" : "gone"}
    </span>
  );
}

function wholeSeconds(ms: number): number {
  return Math.floor(Math.max(0, ms) / 1_000) * 1_000;
}

function EntryDetail({
  entry,
  onInvalidate,
}: Pick<EntryTableProps, "onInvalidate"> & { readonly entry: CacheEntryView }) {
  const { key, tags } = entry;
  const { state, reload } = useResource<CacheEntryDetail>(`/api/cache/entries/${encodeURIComponent(key)}`);
  return (
    <div class="entry-detail">
      <div class="entry-tags">
        {tags.length === 0 ? (
          <p class="fine">No tags: it goes by its key, by a pattern, or by time.</p>
        ) : (
          <>
            <p class="fine">Goes with</p>
            <ul>
              {tags.map((tag) => (
                <li key={tag}>
                  <button type="button" class="tag" onClick={() => onInvalidate({ kind: "tag", name: tag })}>
                    <Icon name="tag" size={14} />
                    <span class="visually-hidden">Invalidate the tag </span>
                    {tag}
                  </button>
                </li>
              ))}
            </ul>
          </>
        )}
      </div>
      <LoadedView state={state} onRetry={reload} skeleton={<Skeleton rows={1} height={80} />}>
        {(detail) => <Value detail={detail} />}
      </LoadedView>
      <button type="button" class="button" onClick={() => onInvalidate({ kind: "key", name: key })}>
        <Icon name="trash" />
        Invalidate<span class="visually-hidden"> {key}</span>
      </button>
    </div>
  );
}

function Value({ detail }: { readonly detail: CacheEntryDetail }) {
  if (detail.preview !== undefined) {
    return <JsonView label="How the value begins" name={`How ${detail.key} begins`} value={detail.preview} isOpen />;
  }
  if (!("value" in detail)) return <p class="fine">The value is too large to show.</p>;
  return <JsonView label="Value" name={`Value of ${detail.key}`} value={detail.value} isOpen />;
}
