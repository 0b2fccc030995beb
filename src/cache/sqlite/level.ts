import type { Clock } from "../../core/clock.ts";
import type { CacheDatabase, CacheSqlValue, EntryMeta, Level, LevelStats, StoredEntry } from "../contract.ts";
import { toStorable } from "../envelope.ts";
import { parsePattern } from "../pattern.ts";
import { toKeySearch } from "./key-search.ts";

type Row = Readonly<Record<string, CacheSqlValue>>;
type Params = Readonly<Record<string, CacheSqlValue>>;

const GET =
  "select created_at, stale_at, dead_at, position, is_error, tags, payload from cache_entries where key = :key";
const PUT = `
  insert into cache_entries (key, created_at, stale_at, dead_at, used_at, position, is_error, size, tags, payload)
  values (:key, :created, :stale, :dead, :used, :position, :isError, :size, :tags, :payload)
  on conflict (key) do update set created_at = excluded.created_at, stale_at = excluded.stale_at,
    dead_at = excluded.dead_at, used_at = excluded.used_at, position = excluded.position, is_error = excluded.is_error,
    size = excluded.size, tags = excluded.tags, payload = excluded.payload`;
const UNTAG = "delete from cache_tags where entry = (select id from cache_entries where key = :key)";
const TAG = `
  insert into cache_tags (tag, entry)
  select value, (select id from cache_entries where key = :key) from json_each(:tags) where true on conflict do nothing`;
const DELETE = "delete from cache_entries where key in (select value from json_each(:keys))";
const DELETE_UP_TO = `${DELETE} and position <= :upTo`;
const IN_RANGE = "(key = :exact or (key >= :lower and key < :upper))";
/* `limit :bite` alone is compiled anew at each use: SQLite looks at the value of a bare parameter there. */
const DELETE_RANGE = `
  delete from cache_entries where id in (
    select id from cache_entries where ${IN_RANGE} and position <= :upTo limit :bite + 0)`;
const DELETE_TAGGED = `
  delete from cache_entries where id in (
    select e.id from cache_tags t join cache_entries e on e.id = t.entry
    where t.tag = :tag and e.position <= :upTo limit :bite + 0)`;
const KEYS = `
  select key from cache_entries
  where key >= :start and ${IN_RANGE} order by key limit :bite + 0`;
const DELETE_DEAD = `
  delete from cache_entries where id in (select id from cache_entries where dead_at <= :now limit :bite + 0)`;
const MARK_USED = "update cache_entries set used_at = :now where key in (select value from json_each(:keys))";
const TOTALS = "select count(*) as items, coalesce(sum(size), 0) as bytes from cache_entries";
const LEAST_USED = `
  delete from cache_entries where id in (
    select id from (
      select id, sum(size) over (order by used_at, id) - size as before, row_number() over (order by used_at, id) as place
      from (select id, size, used_at from cache_entries order by used_at, id limit :bite + 0))
    where before < :bytes or place <= :items)`;

/** For the test of their plans. */
export const STATEMENTS = {
  GET,
  UNTAG,
  DELETE,
  DELETE_UP_TO,
  DELETE_RANGE,
  DELETE_TAGGED,
  KEYS,
  DELETE_DEAD,
  MARK_USED,
  LEAST_USED,
};

const BITE = 1_000;
const ENTRIES_A_WRITE = 100;
/** Uses that are remembered until the next sweep writes them down. */
const MAX_USES = 10_000;
/** A sweep past the bound goes a little further, so that not every write needs another. */
const LOW_WATER = 0.9;

export interface SqliteLevelOptions {
  readonly db: CacheDatabase;
  readonly clock: Clock;
  readonly maxBytes: number;
  readonly maxItems: number;
  readonly maxEntryBytes: number;
}

/** A level in SQLite: reads on the calling thread, writes through the database's writer. */
export function createSqliteLevel({ db, clock, maxBytes, maxItems, maxEntryBytes }: SqliteLevelOptions): Level {
  const used = new Set<string>();
  let evictions = 0;
  /** What was written since the totals were last counted: when it may be too much, they are counted again. */
  let known: { items: number; bytes: number } | undefined;
  let sweeping: Promise<number> | undefined;

  async function change(sql: string, params: Params = {}): Promise<number> {
    return (await db.write([{ sql, params }]))?.[0]?.changes ?? 0;
  }
  async function inBites(sql: string, params: Params): Promise<number> {
    let gone = 0;
    for (;;) {
      const changes = await change(sql, { ...params, bite: BITE });
      gone += changes;
      if (changes < BITE) return gone;
    }
  }
  async function* keysOf(pattern: string, from?: string): AsyncGenerator<readonly string[]> {
    const { params, isComplete } = toKeySearch(pattern);
    const reading = parsePattern(pattern);
    for (let after = from; ;) {
      const rows: readonly Row[] = await db.all(KEYS, { ...params, start: after ?? "", bite: BITE });
      const keys = rows.map((row) => String(row["key"])).filter((key) => key !== after);
      yield isComplete ? keys : keys.filter((key) => reading.matches(key));
      const last = keys.at(-1);
      if (rows.length < BITE || last === undefined) return;
      after = last;
    }
  }

  async function count(): Promise<{ items: number; bytes: number }> {
    // Through the writer: counting a large table would hold this thread up.
    const row = (await db.write([{ sql: TOTALS }]))?.[0]?.rows[0];
    return (known = { items: Number(row?.["items"] ?? 0), bytes: Number(row?.["bytes"] ?? 0) });
  }

  async function evictBeyondBounds(): Promise<number> {
    let gone = 0;
    const start = await count();
    if (start.items <= maxItems && start.bytes <= maxBytes) return 0;
    for (let totals = start; ;) {
      const items = totals.items - Math.floor(maxItems * LOW_WATER);
      const bytes = totals.bytes - Math.floor(maxBytes * LOW_WATER);
      if (items <= 0 && bytes <= 0) return gone;
      const changes = await change(LEAST_USED, { items, bytes, bite: BITE });
      if (changes === 0) return gone;
      gone += changes;
      evictions += changes;
      totals = await count();
    }
  }

  async function sweepOnce(now: number): Promise<number> {
    if (used.size > 0) {
      const keys = JSON.stringify([...used]);
      used.clear();
      await change(MARK_USED, { keys, now });
    }
    const dead = await inBites(DELETE_DEAD, { now });
    return dead + (await evictBeyondBounds());
  }
  function sweep(now: number): Promise<number> {
    return (sweeping ??= sweepOnce(now).finally(() => (sweeping = undefined)));
  }

  async function keepBounds(entries: readonly StoredEntry[]): Promise<void> {
    known ??= await count();
    known.items += entries.length;
    for (const { payload } of entries) known.bytes += payload.length;
    if (known.items > maxItems || known.bytes > maxBytes) await sweep(clock.now());
  }

  return {
    name: "database",
    accepts: (bytes) => bytes <= maxEntryBytes,
    async get(key) {
      if (!key.isWellFormed()) return undefined;
      const row = await db.get(GET, { key });
      if (row === undefined) return undefined;
      const entry = toEntry(key, row);
      if (entry === undefined) await change(DELETE, { keys: JSON.stringify([key]) });
      else if (used.size < MAX_USES) used.add(key);
      return entry;
    },
    async set(entries) {
      const fit = entries.filter((entry) => isFit(entry, maxEntryBytes));
      for (let start = 0; start < fit.length; start += ENTRIES_A_WRITE) {
        const chunk = fit.slice(start, start + ENTRIES_A_WRITE);
        await db.write(chunk.flatMap((entry) => toStatements(entry, clock.now())));
      }
      if (fit.length > 0) await keepBounds(fit);
    },
    async delete(keys) {
      let gone = 0;
      const fit = keys.filter((key) => key.isWellFormed());
      for (let start = 0; start < fit.length; start += BITE) {
        gone += await change(DELETE, { keys: JSON.stringify(fit.slice(start, start + BITE)) });
      }
      return gone;
    },
    async deleteMatching(pattern, upTo) {
      const { params, isComplete } = toKeySearch(pattern);
      if (isComplete) return inBites(DELETE_RANGE, { ...params, upTo });
      let gone = 0;
      for await (const keys of keysOf(pattern)) {
        if (keys.length > 0) gone += await change(DELETE_UP_TO, { keys: JSON.stringify(keys), upTo });
      }
      return gone;
    },
    deleteTagged: (tag, upTo) => inBites(DELETE_TAGGED, { tag, upTo }),
    async keys(pattern, limit, after) {
      const found: string[] = [];
      for await (const keys of keysOf(pattern, after)) {
        found.push(...keys.slice(0, limit - found.length));
        if (found.length >= limit) break;
      }
      return found;
    },
    async clear() {
      await inBites(DELETE_RANGE, { ...toKeySearch("**").params, upTo: Number.MAX_SAFE_INTEGER });
      known = undefined;
    },
    sweep,
    async stats(): Promise<LevelStats> {
      return { ...(await count()), evictions, maxItems, maxBytes };
    },
    async close() {
      await sweeping?.catch(() => undefined);
    },
  };
}

function isFit({ key, meta, payload }: StoredEntry, maxEntryBytes: number): boolean {
  return payload.length <= maxEntryBytes && key.isWellFormed() && meta.tags.every((tag) => tag.isWellFormed());
}

function toStatements({ key, meta, payload }: StoredEntry, now: number) {
  const { createdAt, staleAt, deadAt, position, isError, tags } = toStorable(meta);
  const json = tags.length === 0 ? null : JSON.stringify(tags);
  const params = {
    key,
    created: createdAt,
    stale: staleAt,
    dead: deadAt,
    used: now,
    position,
    isError: isError ? 1 : 0,
    size: payload.length,
    tags: json,
    payload,
  };
  const put = [
    { sql: PUT, params },
    { sql: UNTAG, params: { key } },
  ];
  return json === null ? put : [...put, { sql: TAG, params: { key, tags: json } }];
}

const NO_TAGS: readonly string[] = [];

/** Undefined for a row that somebody else has changed beyond reading. */
function toEntry(key: string, row: Row): StoredEntry | undefined {
  const { payload } = row;
  const tags = typeof row["tags"] === "string" ? toTags(row["tags"]) : NO_TAGS;
  if (!(payload instanceof Uint8Array) || tags === undefined) return undefined;
  const meta: EntryMeta = {
    createdAt: Number(row["created_at"]),
    staleAt: Number(row["stale_at"]),
    deadAt: Number(row["dead_at"]),
    position: Number(row["position"]),
    isError: row["is_error"] === 1,
    tags,
  };
  return { key, meta, payload };
}

function toTags(text: string): readonly string[] | undefined {
  try {
    return JSON.parse(text) as readonly string[];
  } catch {
    return undefined;
  }
}
