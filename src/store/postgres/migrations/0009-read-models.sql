-- What SQLite keeps in a table. Here a counter that each admission and each end changes would make all workers take turns, so they are counted
-- when they are asked for, in the index.
create view run_counts as select automation, status, count(*) as runs from runs group by automation, status;

create table call_days (
  day text not null,
  automation text not null,
  tenant text not null,
  model text not null,
  source text not null,
  calls integer not null,
  requests integer not null,
  input_tokens integer not null,
  output_tokens integer not null,
  cache_read_tokens integer not null,
  cache_write_tokens integer not null,
  reasoning_tokens integer not null,
  usd real not null,
  saved_usd real not null,
  unpriced integer not null,
  primary key (day, automation, tenant, model, source)
);

-- Calls are written in bulk: one look at the sums for all of a statement's rows, in one order, so that two writers do not lock each other.
create function sum_calls() returns trigger language plpgsql as $$
begin
  insert into call_days
    select date(at / 1000, 'unixepoch'), coalesce(automation, ''), coalesce(tenant, ''), model, source, count(*), sum(requests),
      coalesce(sum(input_tokens), 0), coalesce(sum(output_tokens), 0), sum(cache_read_tokens), sum(cache_write_tokens),
      sum(reasoning_tokens), coalesce(sum(usd), 0), coalesce(sum(saved_usd), 0), count(*) - count(usd)
    from new_calls group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5
  on conflict (day, automation, tenant, model, source) do update set calls = call_days.calls + excluded.calls,
    requests = call_days.requests + excluded.requests, input_tokens = call_days.input_tokens + excluded.input_tokens,
    output_tokens = call_days.output_tokens + excluded.output_tokens,
    cache_read_tokens = call_days.cache_read_tokens + excluded.cache_read_tokens,
    cache_write_tokens = call_days.cache_write_tokens + excluded.cache_write_tokens,
    reasoning_tokens = call_days.reasoning_tokens + excluded.reasoning_tokens, usd = call_days.usd + excluded.usd,
    saved_usd = call_days.saved_usd + excluded.saved_usd, unpriced = call_days.unpriced + excluded.unpriced;
  delete from call_days where day < (select to_char(max(day)::date - 400, 'YYYY-MM-DD') from call_days);
  return null;
end $$;
create trigger calls_summed after insert on calls referencing new table as new_calls for each statement execute function sum_calls();
insert into call_days
  select date(at / 1000, 'unixepoch'), coalesce(automation, ''), coalesce(tenant, ''), model, source, count(*), sum(requests),
    coalesce(sum(input_tokens), 0), coalesce(sum(output_tokens), 0), sum(cache_read_tokens), sum(cache_write_tokens),
    sum(reasoning_tokens), coalesce(sum(usd), 0), coalesce(sum(saved_usd), 0), count(*) - count(usd)
  from calls group by 1, 2, 3, 4, 5;
