-- Questions to models and what became of them. Written in bulk, kept for a time.
create table calls (
  id integer primary key,
  at integer not null,
  run_id text,
  automation text,
  tenant text,
  model text not null,
  source text not null,
  error text,
  answer_key text,
  requests integer not null,
  input_tokens integer,
  output_tokens integer,
  cache_read_tokens integer not null,
  cache_write_tokens integer not null,
  usd real,
  saved_usd real,
  age_ms integer,
  similarity real,
  wait_ms integer not null,
  provider_ms integer not null,
  ms integer not null,
  is_background integer not null
) strict;

create index calls_by_time on calls (at);
create index calls_by_run on calls (run_id) where run_id is not null;
create index calls_by_automation on calls (automation, at) where automation is not null;
