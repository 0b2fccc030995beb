-- A run: one execution of an automation for one event. `lane` says where it stands while nobody runs it, so that each index
-- stays small: ready to start, later (a timer), blocked (no place). It is null while the run is running and once it has ended.
-- Columns for versions, flow control and scaled workers stand here from the first day, so that no later migration rewrites the table.
create table runs (
  id text primary key,
  automation text not null,
  version integer not null default 1,
  event text not null,
  parent text,
  status text not null check (status in ('queued', 'running', 'waiting', 'done', 'failed', 'canceled')),
  lane text check (lane in ('ready', 'later', 'blocked')),
  priority integer not null default 0,
  available_at integer not null,
  concurrency_key text,
  merge_key text,
  merge_until integer,
  merged integer not null default 1,
  epoch integer not null default 0,
  worker_id text,
  lease_until integer,
  job_id text,
  attempt integer not null default 0,
  crashes integer not null default 0,
  seen integer not null default 0,
  output text,
  error text,
  created_at integer not null,
  started_at integer,
  ended_at integer
) strict;

-- The automation stands at the end so that a claim for some automations passes over the others inside of the index.
create index runs_ready on runs (priority desc, available_at, id, automation) where lane = 'ready';
create index runs_later on runs (available_at) where lane = 'later';
create index runs_by_automation on runs (automation, id desc);
create index runs_by_status on runs (status, id desc, automation);

-- Idempotency keys, kept as long as their runs. Written before the run, hence deferred.
create table keys (
  automation text not null,
  key text not null,
  run text not null references runs (id) on delete cascade deferrable initially deferred,
  primary key (automation, key)
) strict, without rowid;
create index keys_by_run on keys (run);

-- Results of steps: one row a step, written once it is final, or after an attempt that failed with another one due.
create table steps (
  run text not null references runs (id) on delete cascade,
  id text not null,
  kind text not null default 'run' check (kind in ('run', 'sleep', 'wait')),
  state text not null check (state in ('open', 'done', 'failed')),
  output text,
  error text,
  attempt integer not null default 1,
  started_at integer not null,
  ended_at integer,
  primary key (run, id)
) strict, without rowid;

create table schedules (
  id text primary key,
  automation text not null,
  expression text not null,
  zone text not null,
  next_at integer not null,
  last_at integer
) strict, without rowid;
