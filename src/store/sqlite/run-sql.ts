import { RUN_COLUMNS, SCHEDULE_COLUMNS, STEP_COLUMNS } from "./run-rows.ts";

/* The statements of runs, one constant each. Conditions of partial indexes stand word for word, or SQLite does not use them.
   `indexed by` where SQLite, which has no statistics, would choose an index that does not give the order. */

/** First of a keyed admission. No change: the key is known. */
export const TAKE_KEY =
  "insert into keys (automation, key, run) values (:automation, :key, :id) on conflict do nothing";

const ADMIT_COLUMNS = "insert into runs (id, automation, event, status, lane, priority, available_at, created_at)";
const ADMIT_VALUES = ":id, :automation, :event, 'queued', :lane, :priority, :availableAt, :now";

export const ADMIT = `${ADMIT_COLUMNS} values (${ADMIT_VALUES})`;
/** Directly after TAKE_KEY: only when that took the key. */
export const ADMIT_KEYED = `${ADMIT_COLUMNS} select ${ADMIT_VALUES} where changes() = 1`;
export const HOLDER_OF_KEY = "select run from keys where automation = :automation and key = :key";

/** First of a claim: runs whose time has come join the ready ones. */
export const WAKE = "update runs set lane = 'ready' where lane = 'later' and available_at <= :now";
export const CLAIM = `
  update runs set status = 'running', lane = null, epoch = epoch + 1, worker_id = :workerId, started_at = coalesce(started_at, :now)
  where id in (
    select id from runs indexed by runs_ready where lane = 'ready' and automation in (select value from json_each(:automations))
    order by priority desc, available_at, id limit :limit)
  returning ${RUN_COLUMNS}`;
export const NEXT_DUE = "select min(available_at) as due from runs where lane = 'later' and available_at > :now";

export const STEPS = `select ${STEP_COLUMNS} from steps where run = :run order by id`;
/** No change: fenced, or a final result stands already. */
export const PUT = `
  insert into steps (run, id, state, output, error, attempt, started_at, ended_at)
  select :run, :id, :state, :output, :error, :attempt, :startedAt, :endedAt
  where exists (select 1 from runs where id = :run and epoch = :epoch and status = 'running')
  on conflict (run, id) do update set state = excluded.state, output = excluded.output, error = excluded.error,
    attempt = excluded.attempt, started_at = excluded.started_at, ended_at = excluded.ended_at
  where steps.state = 'open'`;
export const CALM = "update runs set crashes = 0 where id = :run and crashes > 0";
export const HELD = "select 1 from runs where id = :run and epoch = :epoch and status = 'running'";
export const LOST = `
  select value ->> 'runId' as id from json_each(:claims) where not exists (
    select 1 from runs where id = value ->> 'runId' and epoch = value ->> 'epoch' and status = 'running')
  order by key`;

export const PARK = `
  update runs set status = 'queued', lane = 'later', available_at = :availableAt, attempt = :attempt, error = :error, worker_id = null
  where id = :run and epoch = :epoch and status = 'running'`;
export const FINISH = `
  update runs set status = :status, output = :output, error = :error, ended_at = :now, worker_id = null
  where id = :run and epoch = :epoch and status = 'running'`;
export const CANCEL = `
  update runs set status = 'canceled', lane = null, merge_key = null, epoch = epoch + 1, ended_at = :now, worker_id = null
  where id = :run and ended_at is null`;
export const RETRY = `
  update runs set status = 'queued', lane = 'ready', available_at = :now, attempt = 0, crashes = 0, output = null, error = null,
    ended_at = null
  where id = :run and status in ('failed', 'canceled')`;
export const CLEAR_STEPS = "delete from steps where run = :run and state in ('open', 'failed')";

/** Recovery: those that have crashed too often, then the others. */
export const FAIL_CRASHED = `
  update runs set status = 'failed', crashes = crashes + 1, error = :error, ended_at = :now, worker_id = null
  where status = 'running' and crashes + 1 >= :crashLimit
  returning ${RUN_COLUMNS}`;
export const QUEUE_CRASHED = `
  update runs set status = 'queued', lane = 'ready', crashes = crashes + 1, worker_id = null where status = 'running'`;

/** A look at every id in the index: only a person at a keyboard asks so. */
export const IDS_WITH = `
  select id from runs where substr(id, 1, length(:part)) = :part or substr(id, -length(:part)) = :part
  order by id desc limit 2`;

export const GET = `select ${RUN_COLUMNS} from runs where id = :id`;
export const FIND_UNFINISHED = `
  select ${RUN_COLUMNS} from runs indexed by runs_by_status
  where status in ('queued', 'running', 'waiting') and automation = :automation and event = :event order by id desc limit 1`;

/** By birth: ids are UUIDs of version 7, so no index on the end is needed, and what was born later cannot have ended earlier. */
export const FORGET = `
  delete from runs where id in (
    select id from runs where id < :bornBefore and ended_at < :endedBefore order by id limit :limit)`;

export const PUT_SCHEDULE = `
  insert into schedules (id, automation, expression, zone, next_at) values (:id, :automation, :expression, :zone, :nextAt)
  on conflict (id) do update set automation = excluded.automation, expression = excluded.expression, zone = excluded.zone,
    next_at = excluded.next_at, last_at = null
  where automation <> excluded.automation or expression <> excluded.expression or zone <> excluded.zone`;
export const SCHEDULE = `select ${SCHEDULE_COLUMNS} from schedules where id = :id`;
export const SCHEDULES = `select ${SCHEDULE_COLUMNS} from schedules order by id`;
export const KEEP_SCHEDULES = "delete from schedules where id not in (select value from json_each(:ids))";
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
    total: `select count(*) as total from ${from} where ${filter}`,
  };
}
