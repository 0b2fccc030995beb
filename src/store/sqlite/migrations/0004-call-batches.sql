-- Batches of questions that were handed in to a provider and are not read yet.
create table call_batches (
  run_id text not null,
  name text not null,
  model text not null,
  batch_id text not null,
  submitted_at integer not null,
  primary key (run_id, name)
) strict, without rowid;
