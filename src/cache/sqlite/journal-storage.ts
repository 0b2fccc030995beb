import type { Clock } from "../../core/clock.ts";
import type { CacheDatabase, CacheSqlValue, Invalidation } from "../contract.ts";
import type { JournalState } from "../journal/mirror.ts";
import { firstPosition } from "../journal/positions.ts";
import { scopeText, toRecord } from "../journal/scope.ts";
import type { JournalStorage } from "../journal/shared-journal.ts";
import { MAX_LINKS, tooManyLinks } from "../journal/tag-graph.ts";

const BEGIN = "insert into cache_state (id, position, horizon) values (1, :first, :first) on conflict do nothing";
const ADVANCE = "update cache_state set position = position + 1";
/** The scope and, for a tag, all that depend on it. */
const RECORD = `
  insert into cache_journal (mode, kind, scope, position)
  with recursive reached (scope) as (
    select :scope
    union
    select cache_links.tag from cache_links join reached on cache_links.dependency = reached.scope where :kind = 'tag')
  select :mode, :kind, reached.scope, cache_state.position from reached, cache_state where true
  on conflict (mode, kind, scope) do update set position = excluded.position`;
/** One statement, so that the state and the records are of one moment. */
const READ = `
  select s.position as at, s.horizon, j.mode, j.kind, j.scope, j.position
  from cache_state s left join cache_journal j on j.position > :after order by j.position`;
const MOVE_HORIZON = `
  update cache_state set horizon = max(horizon, coalesce(
    (select position from cache_journal order by position desc limit 1 offset :kept), 0))`;
const PRUNE = "delete from cache_journal where position <= (select horizon from cache_state)";
const LINK = `
  insert into cache_links (dependency, tag)
  select value, :tag from json_each(:dependencies) where (select count(*) from cache_links) < :most
  on conflict do nothing`;
const LINKED = `
  select count(*) as n from json_each(:dependencies)
  where exists (select 1 from cache_links where dependency = value and tag = :tag)`;

/** Appends between two prunings. */
const PRUNE_EVERY = 500;

export interface JournalStorageOptions {
  readonly db: CacheDatabase;
  readonly clock: Clock;
  readonly maxRecords: number;
}

export async function createSqliteJournalStorage({
  db,
  clock,
  maxRecords,
}: JournalStorageOptions): Promise<JournalStorage> {
  await db.write([{ sql: BEGIN, params: { first: firstPosition(clock) } }]);
  let untilPruning = Math.min(PRUNE_EVERY, maxRecords);
  /** What was read last, and under which version of the database. */
  let last: { readonly version: number; readonly position: number; readonly horizon: number } | undefined;

  return {
    async append(invalidations) {
      await db.write(invalidations.flatMap(toStatements));
      untilPruning -= invalidations.length;
      if (untilPruning > 0) return;
      untilPruning = Math.min(PRUNE_EVERY, maxRecords);
      await db.write([{ sql: MOVE_HORIZON, params: { kept: maxRecords } }, { sql: PRUNE }]);
    },
    async link(tag, dependencies) {
      const params = { tag, dependencies: JSON.stringify([...new Set(dependencies)]) };
      const results = await db.write([
        { sql: LINK, params: { ...params, most: MAX_LINKS } },
        { sql: LINKED, params },
      ]);
      if (Number(results?.[1]?.rows[0]?.["n"]) < new Set(dependencies).size) throw tooManyLinks(MAX_LINKS);
    },
    async read(after) {
      // Asked before the read: what is written between the two counts as news the next time.
      const version = db.version?.();
      if (version !== undefined && last?.version === version && last.position === after) {
        return { position: after, horizon: last.horizon, records: [] };
      }
      const state = toState(await db.all(READ, { after }));
      last = version === undefined ? undefined : { version, position: state.position, horizon: state.horizon };
      return state;
    },
  };
}

function toStatements({ mode, scope }: Invalidation) {
  const params = { mode, kind: scope.kind, scope: scopeText(scope) };
  return [{ sql: ADVANCE }, { sql: RECORD, params }];
}

function toState(rows: readonly Readonly<Record<string, CacheSqlValue>>[]): JournalState {
  const records = rows.flatMap((row) => {
    if (row["position"] === null) return [];
    const { mode, kind, scope, position } = row;
    return toRecord(String(mode), String(kind), String(scope), Number(position)) ?? [];
  });
  return { position: Number(rows[0]?.["at"]), horizon: Number(rows[0]?.["horizon"]), records };
}
