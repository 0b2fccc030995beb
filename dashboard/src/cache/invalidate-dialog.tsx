import { useSignal } from "@preact/signals";
import type { CacheEntriesPage, CacheEntryView } from "millrace/http";
import { api } from "../api/api.ts";
import { announce } from "../components/announcer.tsx";
import { ConfirmDialog } from "../components/confirm-dialog.tsx";
import { LoadedView } from "../components/loaded-view.tsx";
import { Skeleton } from "../components/skeleton.tsx";
import { useResource } from "../data/use-resource.ts";
import { formatCount } from "../format/count.ts";
import { withQuery } from "../routing/match.ts";

/** What is to go. */
export interface InvalidateTarget {
  readonly kind: "key" | "pattern" | "tag";
  readonly name: string;
}

interface InvalidateDialogProps {
  readonly target: InvalidateTarget;
  /** The entries that the page shows: those of a tag are named from among them. */
  readonly shown: readonly CacheEntryView[];
  readonly onClose: () => void;
  readonly onDone: () => Promise<void>;
}

type Mode = "evict" | "expire";

const MODES: readonly { readonly mode: Mode; readonly label: string; readonly about: string }[] = [
  { mode: "evict", label: "Evict", about: "They are gone at once, in every process, and never given again." },
  {
    mode: "expire",
    label: "Expire",
    about: "They count as old: given only within their grace, while fresh ones are made.",
  },
];

/** Names what will go before it goes. */
export function InvalidateDialog({ target, shown, onClose, onDone }: InvalidateDialogProps) {
  const mode = useSignal<Mode>("evict");

  async function invalidate(): Promise<void> {
    await api.post("/api/cache/invalidate", { mode: mode.peek(), [target.kind]: target.name, confirm: true });
    announce(`${mode.peek() === "evict" ? "Evicted" : "Expired"}: ${target.kind} ${target.name}.`);
    await onDone();
  }

  return (
    <ConfirmDialog
      title={`Invalidate ${target.kind === "key" ? "one entry" : `by ${target.kind}`}`}
      icon="trash"
      action={mode.value === "evict" ? "Evict" : "Expire"}
      onConfirm={invalidate}
      onClose={onClose}
    >
      <p>
        <code>{target.name}</code>
      </p>
      <Reach target={target} shown={shown} />
      <fieldset class="choices">
        <legend>How</legend>
        {MODES.map(({ mode: each, label, about }) => (
          <label key={each}>
            <input type="radio" name="mode" checked={mode.value === each} onChange={() => (mode.value = each)} />
            <span>
              <strong>{label}</strong> {about}
            </span>
          </label>
        ))}
      </fieldset>
      <p class="fine">This cannot be undone; what is asked for again is made again.</p>
    </ConfirmDialog>
  );
}

function Reach({ target, shown }: Pick<InvalidateDialogProps, "target" | "shown">) {
  switch (target.kind) {
    case "key":
      return <p>This entry will go, from every level.</p>;
    case "tag":
      return <TagReach keys={shown.filter(({ tags }) => tags.includes(target.name)).map(({ key }) => key)} />;
    case "pattern":
      return <PatternReach pattern={target.name} />;
  }
}

function TagReach({ keys }: { readonly keys: readonly string[] }) {
  return (
    <>
      <p>
        Everything that carries this tag, or depends on it through another, will go
        {keys.length > 0 && `; of the entries shown ${keys.length === 1 ? "this one" : `these ${keys.length}`}`}.
      </p>
      <Keys keys={keys} hasMore={false} />
    </>
  );
}

/** As many are looked up to be counted. */
const MOST_COUNTED = 200;

function PatternReach({ pattern }: { readonly pattern: string }) {
  const { state, reload } = useResource<CacheEntriesPage>(
    withQuery("/api/cache/entries", { pattern, limit: MOST_COUNTED }),
  );
  return (
    <LoadedView state={state} onRetry={reload} skeleton={<Skeleton rows={1} height={96} />}>
      {({ items, next }) => (
        <>
          <p>
            {items.length === 0
              ? "Nothing matches now. What is being made under such a key at this moment will not be kept."
              : `${next === null ? "" : "More than "}${formatCount(items.length, "entry", "entries")} will go.`}
          </p>
          <Keys keys={items.map(({ key }) => key)} hasMore={next !== null} />
        </>
      )}
    </LoadedView>
  );
}

const MOST_NAMED = 6;

function Keys({ keys, hasMore }: { readonly keys: readonly string[]; readonly hasMore: boolean }) {
  if (keys.length === 0) return null;
  const hidden = keys.length - MOST_NAMED;
  return (
    <ul class="doomed">
      {keys.slice(0, MOST_NAMED).map((key) => (
        <li key={key}>
          <code>{key}</code>
        </li>
      ))}
      {hidden > 0 && (
        <li class="fine">
          and {hasMore ? "more than " : ""}
          {formatCount(hidden, "other")}
        </li>
      )}
    </ul>
  );
}
