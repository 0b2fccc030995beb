import { RUN_COLUMNS, STEP_COLUMNS } from "../sqlite/run-rows.ts";
import * as shared from "../sqlite/run-sql.ts";
import { STARTABLE_COLUMNS } from "./dispatch.ts";

/* The statements of runs that differ from those on SQLite: there one transaction at a time writes, here many do. What two of them must not
   do at once they do under a lock: of a row, or one that has a name. A statement sees what was committed before it began, so a lock is
   taken by the statement before. Order everywhere: named locks, then rows. */

const lock = (name: string): string => `select pg_advisory_xact_lock(hashtextextended('millrace:${name}', 0))`;
const sharedLock = (name: string): string =>
  `select pg_advisory_xact_lock_shared(hashtextextended('millrace:${name}', 0))`;
const lockOf = (name: string, key: string): string =>
  `select pg_advisory_xact_lock(hashtextextended('millrace:${name}:' || :automation || ':' || ${key}, 0))`;

/** Places under limits are given by one claim at a time. */
export const LOCK_GATES = lock("gates");
/** Events come one at a time, so that their numbers are in the order of their commits; who parks waits for the one that comes. */
export const LOCK_EVENTS = lock("events");
export const SHARE_EVENTS = sharedLock("events");
/** A duplicate takes no token. */
export const LOCK_KEY = lockOf("key", ":key");
export const LOCK_MERGE = lockOf("merge", ":mergeKey");
export const LOCK_RUN = "select 1 from runs where id = :run for update";
/** The runs that a run has called: their ends wait until it is parked. */
export const LOCK_CALLED = `
  select 1 from runs where id in (select match from steps where run = :run and kind = 'call' and state = 'open') order by id for share`;

const SEEN = "(select coalesce(max(seq), 0) from events)";
const COLUMNS = `insert into runs
  (id, automation, version, event, parent, status, lane, priority, concurrency_key, available_at, seen, created_at)`;
const FACTS = ":id, :automation, :version, :event, :parent, 'queued'";
const VALUES = `${FACTS}, :lane, :priority, :concurrencyKey, :availableAt, ${SEEN}, :now`;
/** What lets a run start says which, for its job. */
const TOLD = `returning ${STARTABLE_COLUMNS}`;
export const ADMIT = `${COLUMNS} values (${VALUES}) ${TOLD}`;
const TAKE_KEY =
  "insert into keys (automation, key, run) values (:automation, :key, :id) on conflict do nothing returning run";
/** No change: the key is known. */
export const ADMIT_KEYED = `with taken as (${TAKE_KEY}) ${COLUMNS} select ${VALUES} from taken ${TOLD}`;

interface RatedParams {
  readonly isKeyed: boolean;
  readonly isDropping: boolean;
}

/** No change: over the rate, or the key is known. Half a millisecond for what fractions lose. */
export function admitRated({ isKeyed, isDropping }: RatedParams): string {
  const unknown = isKeyed
    ? "where not exists (select 1 from keys where automation = :automation and key = :key)"
    : "where true";
  const within = isDropping ? "where greatest(rates.next_at, :now) + :interval - :perMs <= :now + 0.5" : "";
  const start = isDropping ? ":availableAt" : "greatest(:availableAt, trunc(next_at - :perMs)::bigint)";
  const taken = isKeyed
    ? `, taken as (insert into keys (automation, key, run) select :automation, :key, :id from token on conflict do nothing returning run)`
    : "";
  return `
  with token as (
    insert into rates (automation, key, next_at) select :automation, :rateKey, :now + :interval ${unknown}
    on conflict (automation, key) do update set next_at = greatest(rates.next_at, :now) + :interval ${within} returning next_at)${taken},
  start as (select ${start} as at from token)
  ${COLUMNS} select ${FACTS}, case when at > :now then 'later' else 'ready' end, :priority, :concurrencyKey, at, ${SEEN}, :now
  from start${isKeyed ? " where exists (select 1 from taken)" : ""} ${TOLD}`;
}

const HELD_RUN = "(select id from runs where automation = :automation and merge_key = :mergeKey for update)";
const MERGE_KEY = `
  with taken as (insert into keys (automation, key, run) values (:automation, :key, coalesce(${HELD_RUN}, :id)) on conflict do nothing returning run)`;
const MERGE_COLUMNS = `insert into runs
  (id, automation, version, event, parent, status, lane, priority, concurrency_key, merge_key, merge_until, available_at, seen, created_at)`;
const ON_MERGE = "on conflict (automation, merge_key) where merge_key is not null do update set";
const guarded = (isKeyed: boolean): string => (isKeyed ? "where exists (select 1 from taken)" : "");

/** The last event wins. No row: the key is known. */
export function debounce(isKeyed: boolean): string {
  return `${isKeyed ? MERGE_KEY : ""} ${MERGE_COLUMNS}
  select ${FACTS}, 'later', :priority, :concurrencyKey, :mergeKey, :until, :availableAt, ${SEEN}, :now ${guarded(isKeyed)}
  ${ON_MERGE} event = excluded.event, concurrency_key = excluded.concurrency_key, priority = excluded.priority,
    available_at = least(excluded.available_at, runs.merge_until), merged = runs.merged + 1
  ${TOLD}, runs.merged`;
}

/** A full one becomes ready, and the next event opens another. No row: the key is known. */
export function batch(isKeyed: boolean): string {
  const isFull = "runs.merged + 1 >= :max";
  return `${isKeyed ? MERGE_KEY : ""} ${MERGE_COLUMNS}
  select :id, :automation, :version, '[' || :event || ']', :parent, 'queued', case when :max <= 1 then 'ready' else 'later' end,
    :priority, :concurrencyKey, case when :max <= 1 then null else :mergeKey end, null,
    case when :max <= 1 then :now else :availableAt end, ${SEEN}, :now ${guarded(isKeyed)}
  ${ON_MERGE} event = left(runs.event, -1) || ',' || :event || ']', merged = runs.merged + 1,
    lane = case when ${isFull} then 'ready' else runs.lane end,
    merge_key = case when ${isFull} then null else runs.merge_key end,
    available_at = case when ${isFull} then :now else runs.available_at end
  ${TOLD}, runs.merged`;
}

export const EVENT_IS_NEW = `
  insert into events (id, name, match, data, at) values (:id, :name, :match, :data, :now) on conflict (id) do nothing`;

/** First of a claim: runs whose time has come join the ready ones. Those that another claim wakes are left to it. */
export const WAKE = `
  update runs set status = 'queued', lane = 'ready', merge_key = null where id in (
    select id from runs where lane = 'later' and available_at <= :now order by available_at limit 1000 for update skip locked)
  ${TOLD}`;
/** Of the runs of a key that could start, those that find a place now are ready, the others stand aside. */
export const REGATE = `
  with gates as (select automation, places from unnest(:automations::text[], :limits::bigint[]) as gate (automation, places)),
  turns as (
    select runs.id, runs.lane,
      row_number() over (partition by runs.automation, runs.concurrency_key order by priority desc, available_at, id)
        + (select count(*) from runs holding where holding.automation = runs.automation
            and holding.concurrency_key = runs.concurrency_key and holding.status = 'running' and holding.concurrency_key is not null)
        <= gates.places as has_place
    from gates join runs using (automation)
    where runs.concurrency_key is not null and runs.lane in ('ready', 'blocked'))
  update runs set lane = case when has_place then 'ready' else 'blocked' end from turns
  where runs.id = turns.id and runs.lane = turns.lane and (turns.lane = 'ready') <> has_place
  ${TOLD}`;
/** Those that another claim is about to take are passed over. The name is looked at in the index's order: by its value all would be sorted. */
export const CLAIM = `
  with due as materialized (
    select id from runs where lane = 'ready' and automation || '' = any (:automations::text[])
    order by priority desc, available_at, id limit :limit for update skip locked)
  update runs set status = 'running', lane = null, epoch = epoch + 1, worker_id = :workerId,
    lease_until = millrace_now() + :leaseMs, started_at = coalesce(started_at, :now)
  from due where runs.id = due.id
  returning ${RUN_COLUMNS.replaceAll(/\b(\w+)\b/g, "runs.$1")}`;

/** The run's row is locked while the result is stored: a takeover waits, or is waited for. No change: fenced, or a final one stands. */
const PUT_OWNED = `
  with own as materialized (select 1 from runs where id = :run and epoch = :epoch and status = 'running' for share)`;
const PUT_STEP = `
  insert into steps (run, id, kind, state, output, error, attempt, started_at, ended_at, event, match, cursor, is_undoable)
  select :run, :id, :kind, :state, :output, :error, :attempt, :startedAt, :endedAt, :event, :match, :cursor, :isUndoable from own
  on conflict (run, id) do update set state = excluded.state, output = excluded.output, error = excluded.error,
    attempt = excluded.attempt, started_at = excluded.started_at, ended_at = excluded.ended_at, cursor = excluded.cursor
  where steps.state = 'open'`;
export const PUT = `${PUT_OWNED} ${PUT_STEP}`;
export const PUT_CALMING = `${PUT_OWNED}, calm as (update runs set crashes = 0 where id = :run and crashes > 0 and exists (select 1 from own))
  ${PUT_STEP}`;

/** Many of one kind at once, given as JSON (not jsonb, which refuses texts that models write). */
const ROWS = "json_to_recordset(:rows::json) as given";
export const ADMIT_MANY = `${COLUMNS}
  select given.id, given.automation, version, event, parent, 'queued', lane, priority, "concurrencyKey", "availableAt", ${SEEN}, now
  from ${ROWS} (id text, automation text, version bigint, event text, parent text, lane text, priority bigint, "concurrencyKey" text,
    "availableAt" bigint, now bigint)
  ${TOLD}`;
export const STEPS_MANY = `select run, ${STEP_COLUMNS} from steps where run = any (:runs::text[]) order by run, id`;
export const GET_MANY = `select ${RUN_COLUMNS} from runs where id = any (:ids::text[])`;
export const PUT_MANY = `
  with given as materialized (select * from ${ROWS} (run text, epoch bigint, id text, kind text, state text, output text, error text,
      attempt bigint, "startedAt" bigint, "endedAt" bigint, event text, match text, cursor bigint, "isUndoable" bigint)),
  own as materialized (
    select id as run, epoch from runs where status = 'running' and exists (
      select 1 from given where given.run = runs.id and given.epoch = runs.epoch)
      and id in (select run from given) order by id for share),
  calm as (update runs set crashes = 0 where crashes > 0 and id in (select run from own join given using (run, epoch) where state = 'done'))
  insert into steps (run, id, kind, state, output, error, attempt, started_at, ended_at, event, match, cursor, is_undoable)
  select run, id, kind, state, output, error, attempt, "startedAt", "endedAt", event, match, cursor, "isUndoable"
  from given join own using (run, epoch)
  on conflict (run, id) do update set state = excluded.state, output = excluded.output, error = excluded.error,
    attempt = excluded.attempt, started_at = excluded.started_at, ended_at = excluded.ended_at, cursor = excluded.cursor
  where steps.state = 'open'
  returning run, id`;
export const FINISH_MANY = `
  update runs set status = given.status, output = given.output, error = given.error, ended_at = given.now, worker_id = null, undoing = null
  from ${ROWS} (run text, epoch bigint, status text, output text, error text, now bigint)
  where runs.id = given.run and runs.epoch = given.epoch and runs.status = 'running'
  returning runs.id`;

export const LOST = `
  select claim.id from unnest(:ids::text[], :epochs::bigint[]) with ordinality as claim (id, epoch, place) where not exists (
    select 1 from runs where id = claim.id and epoch = claim.epoch and status = 'running')
  order by place`;

/** Keeps the leases of a worker; gives the runs that it still holds. */
export const BEAT = `
  update runs set lease_until = millrace_now() + :leaseMs from unnest(:ids::text[], :epochs::bigint[]) as held (id, epoch)
  where runs.id = held.id and runs.epoch = held.epoch and runs.status = 'running' returning runs.id`;
export const TIME = "select millrace_now() as now";
/** No lease is longer: one that is was given before the database's clock was set back. */
export const SHORTEN = `
  update runs set lease_until = millrace_now() + :leaseMs where status = 'running' and lease_until > millrace_now() + 2 * :leaseMs`;
/**
 * Runs of workers that are gone: those that have crashed too often, then the others. None once the clock was set ahead meanwhile, and none
 * of whoever asks, however late it was with its beat.
 */
const ABANDONED = `
  select id from runs where status = 'running' and lease_until < millrace_now() and millrace_now() <= :latest and id <> all (:held::text[])
  and crashes + 1`;
export const FAIL_ABANDONED = `
  update runs set status = 'failed', crashes = crashes + 1, epoch = epoch + 1, error = :error, ended_at = :now, worker_id = null
  where id in (${ABANDONED} >= :crashLimit order by id for update skip locked)
  returning ${RUN_COLUMNS}`;
export const QUEUE_ABANDONED = `
  update runs set status = 'queued', lane = 'ready', crashes = crashes + 1, epoch = epoch + 1, worker_id = null
  where id in (${ABANDONED} < :crashLimit order by id for update skip locked)
  ${TOLD}`;
export const RELEASE = `${shared.RELEASE} ${TOLD}`;
export const WAKE_PARENT = `${shared.WAKE_PARENT} ${TOLD}`;
export const WAKE_WAITS = `${shared.WAKE_WAITS} ${TOLD}`;
export const PARK = `${shared.PARK} ${TOLD}`;
export const PARK_WAITING = `${shared.PARK_WAITING} ${TOLD}`;
export const CANCEL = `${shared.CANCEL} ${TOLD}`;
export const RETRY = `${shared.RETRY} ${TOLD}`;
export const RETRY_FROM = `${shared.RETRY_FROM} ${TOLD}`;
export const QUEUE_CRASHED = `${shared.QUEUE_CRASHED} ${TOLD}`;
export const FREE_BLOCKED = `${shared.FREE_BLOCKED} ${TOLD}`;
/** Runs whose job a claim has taken without them. */
export const LEFT = `select ${STARTABLE_COLUMNS} from runs where id = any (:ids::text[]) and lane in ('ready', 'later')`;
/** Runs that could have started a while ago. Those that somebody is about to take are passed over. */
export const OVERDUE = `
  select ${STARTABLE_COLUMNS} from runs where lane = 'ready' and available_at <= :before
  order by priority desc, available_at, id limit :limit for update skip locked`;

export const IDS_WITH = `
  select id from runs where left(id, length(:part)) = :part or right(id, length(:part)) = :part order by id desc limit 2`;
export const FIND_UNFINISHED = `
  select ${RUN_COLUMNS} from runs
  where status in ('queued', 'running', 'waiting') and automation = :automation and event = :event order by id desc limit 1`;
export const FORGET_STATUS = `
  delete from runs where id in (
    select id from runs where status = :status and id < :bornBefore and ended_at < :endedBefore order by id limit :limit)`;

/** A page and its total, for each filter. */
export const LISTS = {
  all: list("true"),
  automation: list("automation = :automation"),
  status: list("status = :status"),
  both: list("status = :status and automation = :automation"),
};

function list(filter: string): { readonly page: string; readonly total: string } {
  return {
    page: `select ${RUN_COLUMNS} from runs where ${filter} and id < :before order by id desc limit :limit`,
    total: `select count(*) as total from runs where ${filter}`,
  };
}
