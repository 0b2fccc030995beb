-- How a run ends once its compensations are through: JSON, null while nothing is to be undone.
alter table runs add column undoing text;

-- A held run that further events may join.
create unique index runs_merge on runs (automation, merge_key) where merge_key is not null;
-- Runs with a concurrency key: that may start, that hold a place, that wait for one. Runs without a key stand in none of these.
create index runs_gated on runs (automation, concurrency_key, priority desc, available_at, id) where lane = 'ready' and concurrency_key is not null;
create index runs_holding on runs (automation, concurrency_key, id) where status = 'running' and concurrency_key is not null;
create index runs_blocked on runs (automation, concurrency_key, priority desc, available_at, id) where lane = 'blocked';

create table events (
  seq integer primary key autoincrement,
  id text not null unique,
  name text not null,
  match text,
  data text not null,
  at integer not null
) strict;
create index events_by_name on events (name, seq);
create index events_by_age on events (at);

-- One instant a key: when the bucket will be full again. Fractions of a millisecond count.
create table rates (
  automation text not null,
  key text not null,
  next_at real not null,
  primary key (automation, key)
) strict, without rowid;

create table steps_anew (
  run text not null references runs (id) on delete cascade,
  id text not null,
  kind text not null default 'run' check (kind in ('run', 'sleep', 'wait', 'call')),
  state text not null check (state in ('open', 'done', 'failed')),
  output text,
  error text,
  attempt integer not null default 1,
  started_at integer not null,
  ended_at integer,
  event text,
  match text,
  cursor integer,
  is_undoable integer not null default 0,
  primary key (run, id)
) strict, without rowid;
insert into steps_anew (run, id, kind, state, output, error, attempt, started_at, ended_at)
  select run, id, kind, state, output, error, attempt, started_at, ended_at from steps;
drop table steps;
alter table steps_anew rename to steps;
create index steps_waiting on steps (event, match, run) where kind = 'wait' and state = 'open';
