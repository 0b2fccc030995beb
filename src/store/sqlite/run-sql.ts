import { EVENT_COLUMNS, RUN_COLUMNS, SCHEDULE_COLUMNS, STEP_COLUMNS } from "./run-rows.ts";

/* The statements of runs, one constant each. Conditions of partial indexes stand word for word, or SQLite does not use them.
   `indexed by` where SQLite, which has no statistics, would choose an index that does not give the order. */

/* Admission is a chain: each statement looks whether the one before it changed something (`changes()`), so that one that comes to nothing
   takes nothing with it, and neighbours in the same transaction stand. The order: rate, key, run. */

/** Known keys take no token. Without a key `:key` is null, and nothing is known. */
const RATE_FROM = `
  insert into rates (automation, key, next_at) select :automation, :rateKey, :now + :interval
  where not exists (select 1 from keys where automation = :automation and key = :key)
  on conflict do update set next_at = max(next_at, :now) + :interval`;
export const RATE_DELAY = RATE_FROM;
/** Half a millisecond for what fractions lose. */
export const RATE_DROP = `${RATE_FROM} where max(next_at, :now) + :interval - :perMs <= :now + 0.5`;

/** No change: the key is known. */
export const TAKE_KEY =
  "insert into keys (automation, key, run) values (:automation, :key, :id) on conflict do nothing";
export const TAKE_KEY_RATED =
  "insert into keys (automation, key, run) select :automation, :key, :id where changes() = 1 on conflict do nothing";
export const TAKE_KEY_MERGED = `
  insert into keys (automation, key, run) values (:automation, :key,
    coalesce((select id from runs where automation = :automation and merge_key = :mergeKey), :id)) on conflict do nothing`;
export const HOLDER_OF_KEY = "select run from keys where automation = :automation and key = :key";

const SEEN = "(select coalesce(max(seq), 0) from events)";
const ADMIT_COLUMNS = `insert into runs
  (id, automation, version, event, parent, status, lane, priority, concurrency_key, available_at, seen, created_at)`;
const ADMIT_FACTS = ":id, :automation, :version, :event, :parent, 'queued'";
const ADMIT_VALUES = `${ADMIT_FACTS}, :lane, :priority, :concurrencyKey, :availableAt, ${SEEN}, :now`;
export const ADMIT = `${ADMIT_COLUMNS} values (${ADMIT_VALUES})`;
/** Only when the statement before has let it pass. */
export const ADMIT_GUARDED = `${ADMIT_COLUMNS} select ${ADMIT_VALUES} where changes() = 1`;
export const ADMIT_RATED = `${ADMIT_COLUMNS}
  select ${ADMIT_FACTS}, iif(at > :now, 'later', 'ready'), :priority, :concurrencyKey, at, ${SEEN}, :now from (
    select max(:availableAt, cast((select next_at from rates where automation = :automation and key = :rateKey) - :perMs as integer)) as at)
  where changes() = 1`;

const MERGE_COLUMNS = `insert into runs
  (id, automation, version, event, parent, status, lane, priority, concurrency_key, merge_key, merge_until, available_at, seen, created_at)`;
const onMerge = (guard: string): string =>
  `where ${guard} on conflict (automation, merge_key) where merge_key is not null do update set`;
const debounce = (guard: string): string => `${MERGE_COLUMNS}
  select ${ADMIT_FACTS}, 'later', :priority, :concurrencyKey, :mergeKey, :until, :availableAt, ${SEEN}, :now
  ${onMerge(guard)} event = excluded.event, concurrency_key = excluded.concurrency_key, priority = excluded.priority,
    available_at = min(excluded.available_at, merge_until), merged = merged + 1
  returning id, merged`;
/** The last event wins. */
export const DEBOUNCE = { free: debounce("true"), guarded: debounce("changes() = 1") };
const batch = (guard: string): string => `${MERGE_COLUMNS}
  select :id, :automation, :version, '[' || :event || ']', :parent, 'queued', iif(:max <= 1, 'ready', 'later'), :priority, :concurrencyKey,
    iif(:max <= 1, null, :mergeKey), null, iif(:max <= 1, :now, :availableAt), ${SEEN}, :now
  ${onMerge(guard)} event = substr(event, 1, length(event) - 1) || ',' || :event || ']', merged = merged + 1,
    lane = iif(merged + 1 >= :max, 'ready', lane), merge_key = iif(merged + 1 >= :max, null, merge_key),
    available_at = iif(merged + 1 >= :max, :now, available_at)
  returning id, merged`;
/** A full one becomes ready, and the next event opens another. */
export const BATCH = { free: batch("true"), guarded: batch("changes() = 1") };

/** First of an emission. No change: the event is known. */
export const EMIT = `
  insert into events (id, name, match, data, at) values (:id, :name, :match, :data, :now) on conflict (id) do nothing`;
/** Those that look at it and find that it is not theirs park again. */
export const WAKE_WAITS = `
  update runs set status = 'queued', lane = 'ready', available_at = :now where status = 'waiting' and id in (
    select run from steps where kind = 'wait' and state = 'open' and event = :name and match = :match
    union all
    select run from steps where kind = 'wait' and state = 'open' and event = :name and match is null)`;
export const EVENTS = `
  select ${EVENT_COLUMNS} from events where name = :name and seq > :after and (:match is null or match = :match) order by seq limit :limit`;
export const FORGET_EVENTS = `
  delete from events where seq in (
    select seq from events where at < :before and not exists (
      select 1 from steps where kind = 'wait' and state = 'open' and event = events.name and cursor < events.seq)
    order by at limit :limit)`;
export const FORGET_RATES = "delete from rates where next_at < :now";

/** First of a claim: runs whose time has come join the ready ones. */
export const WAKE = `
  update runs set status = 'queued', lane = 'ready', merge_key = null where lane = 'later' and available_at <= :now`;
/** Before a claim: of the ready runs of a key, those that find no place now stand aside. */
export const BLOCK = `
  update runs set lane = 'blocked' where id in (
    select id from (
      select ready.id, gate.value ->> 'limit' as places,
        row_number() over (partition by ready.automation, ready.concurrency_key
          order by ready.priority desc, ready.available_at, ready.id) as turn,
        (select count(*) from runs holding where holding.automation = ready.automation
          and holding.concurrency_key = ready.concurrency_key and holding.status = 'running' and holding.concurrency_key is not null) as taken
      from json_each(:gates) gate join runs ready on ready.automation = gate.value ->> 'automation'
      where ready.lane = 'ready' and ready.concurrency_key is not null)
    where turn + taken > places)`;
/** With a park, an end or a cancelation: one that waited for the place may start. */
export const RELEASE = `
  update runs set lane = 'ready' where id = (
    select blocked.id from runs ended join runs blocked
      on blocked.automation = ended.automation and blocked.concurrency_key = ended.concurrency_key
    where ended.id = :run and blocked.lane = 'blocked'
    order by blocked.priority desc, blocked.available_at, blocked.id limit 1)`;
export const HOLDERS = `
  select id from runs where automation = :automation and concurrency_key = :key and status = 'running' and concurrency_key is not null order by id`;
/** With an end: the run that called it goes on. */
export const WAKE_PARENT = `
  update runs set status = 'queued', lane = 'ready', available_at = :now
  where status = 'waiting' and id = (select parent from runs where id = :run)`;
export const CLAIM = `
  update runs set status = 'running', lane = null, epoch = epoch + 1, worker_id = :workerId, started_at = coalesce(started_at, :now)
  where id in (
    select id from runs indexed by runs_ready where lane = 'ready' and automation in (select value from json_each(:automations))
    order by priority desc, available_at, id limit :limit)
  returning ${RUN_COLUMNS}`;
export const NEXT_DUE = "select min(available_at) as due from runs where lane = 'later' and available_at > :now";

export const STEPS = `select ${STEP_COLUMNS} from steps where run = :run order by id`;
const UNLESS_FINAL = `where exists (select 1 from runs where id = :run and epoch = :epoch and status = 'running')
  on conflict (run, id) do update set state = excluded.state, output = excluded.output, error = excluded.error,
    attempt = excluded.attempt, started_at = excluded.started_at, ended_at = excluded.ended_at, cursor = excluded.cursor
  where steps.state = 'open'`;
/** No change: fenced, or a final result stands already. */
export const PUT = `
  insert into steps (run, id, kind, state, output, error, attempt, started_at, ended_at, event, match, cursor, is_undoable)
  select :run, :id, :kind, :state, :output, :error, :attempt, :startedAt, :endedAt, :event, :match, :cursor, :isUndoable
  ${UNLESS_FINAL}`;
/** The same for a body that is done, as nearly all are: half as many values. */
export const PUT_DONE = `
  insert into steps (run, id, kind, state, output, attempt, started_at, ended_at, is_undoable)
  select :run, :id, 'run', 'done', :output, :attempt, :startedAt, :endedAt, :isUndoable
  ${UNLESS_FINAL}`;
export const CALM = "update runs set crashes = 0 where id = :run and crashes > 0";
export const HELD = "select 1 from runs where id = :run and epoch = :epoch and status = 'running'";
export const IS_FINAL = "select 1 from steps where run = :run and id = :id and state in ('done', 'failed')";
export const LOST = `
  select value ->> 'runId' as id from json_each(:claims) where not exists (
    select 1 from runs where id = value ->> 'runId' and epoch = value ->> 'epoch' and status = 'running')
  order by key`;

/** No change: fenced, or what it would wait for is there. */
export const PARK = `
  update runs set status = :status, lane = 'later', available_at = :availableAt, attempt = :attempt, error = :error, worker_id = null
  where id = :run and epoch = :epoch and status = 'running'`;
export const PARK_WAITING = `${PARK}
    and not exists (
      select 1 from steps join events on events.name = steps.event and events.seq > steps.cursor
        and (steps.match is null or events.match = steps.match)
      where steps.run = :run and steps.kind = 'wait' and steps.state = 'open')
    and not exists (
      select 1 from steps join runs called on called.id = steps.match
      where steps.run = :run and steps.kind = 'call' and steps.state = 'open' and called.ended_at is not null)`;
export const UNDO = `
  update runs set undoing = :ending where id = :run and epoch = :epoch and status = 'running' and undoing is null`;
export const FINISH = `
  update runs set status = :status, output = :output, error = :error, ended_at = :now, worker_id = null, undoing = null
  where id = :run and epoch = :epoch and status = 'running'`;
const TO_UNDO = "exists (select 1 from steps where run = runs.id and state = 'done' and is_undoable = 1)";
export const CANCEL = `
  update runs set status = iif(${TO_UNDO}, 'queued', 'canceled'), lane = iif(${TO_UNDO}, 'ready', null),
    undoing = iif(${TO_UNDO}, '{"status":"canceled"}', null), available_at = iif(${TO_UNDO}, :now, available_at),
    ended_at = iif(${TO_UNDO}, null, :now), merge_key = null, epoch = epoch + 1, worker_id = null
  where id = :run and ended_at is null and undoing is null`;
const AGAIN = `
  update runs set status = 'queued', lane = 'ready', available_at = :now, attempt = 0, crashes = 0, output = null, error = null,
    undoing = null, ended_at = null, version = coalesce(:version, version)`;
export const RETRY = `${AGAIN} where id = :run and status in ('failed', 'canceled')`;
export const RETRY_FROM = `${AGAIN} where id = :run and status in ('done', 'failed', 'canceled')`;
/** What was undone is to be done again. */
export const CLEAR_UNDONE =
  "delete from steps where run = :run and id in (select substr(id, 7) from steps where run = :run and id like '#undo:%')";
export const CLEAR_STEPS =
  "delete from steps where run = :run and (state in ('open', 'failed') or substr(id, 1, 1) = '#')";
export const CLEAR_SINCE = `
  delete from steps where run = :run and ended_at >= (
    select min(started_at) from steps where run = :run and (id = :from or substr(id, 1, length(:from) + 1) = :from || ':'))`;

/** Recovery: those that have crashed too often, then the others. */
export const FAIL_CRASHED = `
  update runs set status = 'failed', crashes = crashes + 1, error = :error, ended_at = :now, worker_id = null
  where status = 'running' and crashes + 1 >= :crashLimit
  returning ${RUN_COLUMNS}`;
export const QUEUE_CRASHED = `
  update runs set status = 'queued', lane = 'ready', crashes = crashes + 1, worker_id = null where status = 'running'`;
export const FREE_BLOCKED = "update runs set lane = 'ready' where lane = 'blocked'";

/** A look at every id in the index: only a person at a keyboard asks so. */
export const IDS_WITH = `
  select id from runs where substr(id, 1, length(:part)) = :part or substr(id, -length(:part)) = :part
  order by id desc limit 2`;

export const COUNTS = "select automation, status, runs from run_counts where runs > 0 order by automation, status";

export const GET = `select ${RUN_COLUMNS} from runs where id = :id`;
export const FIND_UNFINISHED = `
  select ${RUN_COLUMNS} from runs indexed by runs_by_status
  where status in ('queued', 'running', 'waiting') and automation = :automation and event = :event order by id desc limit 1`;

/** By birth: ids are UUIDs of version 7, so no index on the end is needed, and what was born later cannot have ended earlier. */
export const FORGET = `
  delete from runs where id in (
    select id from runs where id < :bornBefore and ended_at < :endedBefore order by id limit :limit)`;
export const FORGET_STATUS = `
  delete from runs where id in (
    select id from runs indexed by runs_by_status where status = :status and id < :bornBefore and ended_at < :endedBefore
    order by id limit :limit)`;

/** What is new of a schedule that was asked to start anew, or is another one under the same id. */
const IS_ANEW = `
  :isAnew = 1 or schedules.automation <> excluded.automation or schedules.expression <> excluded.expression
  or schedules.zone <> excluded.zone`;
export const PUT_SCHEDULE = `
  insert into schedules (id, automation, expression, zone, next_at, named) values (:id, :automation, :expression, :zone, :nextAt, 1)
  on conflict (id) do update set
    next_at = case when ${IS_ANEW} then excluded.next_at else schedules.next_at end,
    last_at = case when ${IS_ANEW} then null else schedules.last_at end,
    automation = excluded.automation, expression = excluded.expression, zone = excluded.zone, named = schedules.named + 1`;
export const SCHEDULE = `select ${SCHEDULE_COLUMNS} from schedules where id = :id`;
export const SCHEDULES = `select ${SCHEDULE_COLUMNS} from schedules order by id`;
export const DROP_SCHEDULE = "delete from schedules where id = :id and named = :named";
/** Compare-and-set: one change = ours. */
export const FIRE = "update schedules set last_at = next_at, next_at = :nextAt where id = :id and next_at = :seenAt";

/** A page and its total, for each filter its own statement, so that each has its index. */
export const LISTS = {
  all: list("runs", "true"),
  automation: list("runs", "automation = :automation"),
  status: list("runs", "status = :status"),
  both: list("runs indexed by runs_by_status", "status = :status and automation = :automation"),
};

function list(from: string, filter: string): { readonly page: string; readonly total: string } {
  return {
    page: `select ${RUN_COLUMNS} from ${from} where ${filter} and id < :before order by id desc limit :limit`,
    // Of the automation and the status there are few rows each: see read-models/0001-counts.sql.
    total: `select coalesce(sum(runs), 0) as total from run_counts where ${filter}`,
  };
}
