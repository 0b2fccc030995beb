-- The latest run that began to read into each home, and how many events the home had then: a run whose process dies while it reads can so
-- tell in the end how many it added, those from before its death included.
create table home_readings (
  home integer not null primary key,
  run_id text not null,
  events_before bigint not null
);
