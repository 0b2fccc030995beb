import type { CacheCounters, CacheStats } from "../cache/cache.ts";
import type { CacheEntry } from "../cache/inspecting.ts";
import type { SimilarStats } from "../cache/semantic/similar.ts";
import { toErrorRecord } from "../core/errors.ts";
import type { CacheCountsView, CacheEntryDetail, CacheEntryView, CacheSimilarStats, CacheUseView } from "./api.ts";

/** A value whose JSON is longer is cut. */
const LONGEST_VALUE_BYTES = 65_536;
const PREVIEW_CHARACTERS = 2_000;
/** Writing out more than this only to show how it begins would hold everybody up. */
const LONGEST_PREVIEWED_BYTES = 8_388_608;

type CountName = Exclude<keyof CacheCountsView, "hits">;
const COUNTS = [
  "misses",
  "joined",
  "staleServed",
  "factoryRuns",
  "factoryFailures",
] as const satisfies readonly CountName[];
const LEVELS = ["memory", "database", "files"] as const;

export const NO_COUNTS: CacheCountsView = {
  hits: { memory: 0, database: 0, files: 0 },
  misses: 0,
  joined: 0,
  staleServed: 0,
  factoryRuns: 0,
  factoryFailures: 0,
};

/** `a + sign * b`. */
export function combine(a: CacheCountsView, b: CacheCountsView, sign: 1 | -1 = 1): CacheCountsView {
  const hits = Object.fromEntries(LEVELS.map((level) => [level, a.hits[level] + sign * b.hits[level]]));
  const counts = Object.fromEntries(COUNTS.map((name) => [name, a[name] + sign * b[name]]));
  return { hits, ...counts } as unknown as CacheCountsView;
}

/** How many asked. A stale answer counts as a hit of its level, or, where its factory failed, as a miss. */
export function askedOf({ hits, misses, joined }: CacheCountsView): number {
  return hits.memory + hits.database + hits.files + misses + joined;
}

export function toUseView(counters: CacheCounters): CacheUseView {
  const { hits, joined } = counters;
  const asked = askedOf(counters);
  const rateOf = (count: number): number => count / asked;
  return {
    ...counters,
    hitRate: asked === 0 ? null : rateOf(hits.memory + hits.database + hits.files + joined),
    hitRates:
      asked === 0 ? null : { memory: rateOf(hits.memory), database: rateOf(hits.database), files: rateOf(hits.files) },
  };
}

export function totalOf(namespaces: CacheStats["namespaces"]): CacheCounters {
  let total: CacheCounters = { ...NO_COUNTS, levelErrors: 0, droppedWrites: 0 };
  for (const each of Object.values(namespaces)) {
    total = {
      ...combine(total, each),
      levelErrors: total.levelErrors + each.levelErrors,
      droppedWrites: total.droppedWrites + each.droppedWrites,
    };
  }
  return total;
}

export function toSimilarStats({ falseReuse, ...stats }: SimilarStats): CacheSimilarStats {
  const { items, bytes, hits, misses, vetoes, evictions, rejected } = stats;
  return {
    items,
    bytes,
    hits,
    misses,
    vetoes,
    evictions,
    rejected,
    falseReuse: Object.entries(falseReuse).map(([namespace, { sampled, wrong, rate, interval }]) => ({
      namespace,
      sampled,
      wrong,
      rate: rate ?? null,
      interval,
    })),
  };
}

export function toEntryView({ key, levels, meta, bytes }: CacheEntry, now: number): CacheEntryView {
  return {
    key,
    levels,
    createdAt: new Date(meta.createdAt).toISOString(),
    ageMs: Math.max(0, now - meta.createdAt),
    ttlLeftMs: Math.max(0, meta.staleAt - now),
    graceLeftMs: Math.max(0, meta.deadAt - Math.max(now, meta.staleAt)),
    bytes,
    tags: meta.tags,
    isError: meta.isError,
  };
}

export function toEntryDetail(entry: CacheEntry, now: number): CacheEntryDetail {
  const view = toEntryView(entry, now);
  if (entry.bytes > LONGEST_PREVIEWED_BYTES) return view;
  const text = JSON.stringify(entry.value, showValue) ?? "null";
  if (Buffer.byteLength(text) > LONGEST_VALUE_BYTES) return { ...view, preview: text.slice(0, PREVIEW_CHARACTERS) };
  return { ...view, value: JSON.parse(text) as unknown };
}

/** What JSON has no word for. Dates come here as texts already. */
function showValue(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  if (value instanceof Error) return toErrorRecord(value);
  if (value instanceof Set) return [...(value as Set<unknown>)];
  if (value instanceof Map) return showMap(value as Map<unknown, unknown>);
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return { bytes: value.byteLength };
  return value;
}

function showMap(map: ReadonlyMap<unknown, unknown>): unknown {
  const pairs = [...map];
  return pairs.every(([key]) => typeof key === "string") ? Object.fromEntries(pairs as [string, unknown][]) : pairs;
}
