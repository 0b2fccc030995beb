-- How many runs there are of each automation in each status: what lists and pages show, kept by whoever writes a run, in its transaction.
create table run_counts (
  automation text not null,
  status text not null,
  runs integer not null,
  primary key (automation, status)
) strict, without rowid;
insert into run_counts (automation, status, runs) select automation, status, count(*) from runs group by automation, status;

create trigger run_counted after insert on runs begin
  insert into run_counts (automation, status, runs) values (new.automation, new.status, 1)
    on conflict (automation, status) do update set runs = runs + 1;
end;
create trigger run_counted_anew after update of status on runs when new.status <> old.status begin
  update run_counts set runs = runs - 1 where automation = old.automation and status = old.status;
  insert into run_counts (automation, status, runs) values (new.automation, new.status, 1)
    on conflict (automation, status) do update set runs = runs + 1;
end;
create trigger run_discounted after delete on runs begin
  update run_counts set runs = runs - 1 where automation = old.automation and status = old.status;
end;

-- What calls cost, a row a day (UTC), automation, tenant, model and source. A call is written once, and what it cost stays when it is forgotten.
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
) strict, without rowid;
insert into call_days
  select date(at / 1000, 'unixepoch') as day, coalesce(automation, ''), coalesce(tenant, ''), model, source, count(*), sum(requests),
    coalesce(sum(input_tokens), 0), coalesce(sum(output_tokens), 0), sum(cache_read_tokens), sum(cache_write_tokens),
    sum(reasoning_tokens), total(usd), total(saved_usd), count(*) - count(usd)
  from calls group by 1, 2, 3, 4, 5;

create trigger call_summed after insert on calls begin
  insert into call_days values (date(new.at / 1000, 'unixepoch'), coalesce(new.automation, ''), coalesce(new.tenant, ''), new.model, new.source,
    1, new.requests, coalesce(new.input_tokens, 0), coalesce(new.output_tokens, 0), new.cache_read_tokens, new.cache_write_tokens,
    new.reasoning_tokens, coalesce(new.usd, 0), coalesce(new.saved_usd, 0), new.usd is null)
  on conflict (day, automation, tenant, model, source) do update set calls = calls + 1, requests = requests + excluded.requests,
    input_tokens = input_tokens + excluded.input_tokens, output_tokens = output_tokens + excluded.output_tokens,
    cache_read_tokens = cache_read_tokens + excluded.cache_read_tokens, cache_write_tokens = cache_write_tokens + excluded.cache_write_tokens,
    reasoning_tokens = reasoning_tokens + excluded.reasoning_tokens, usd = usd + excluded.usd, saved_usd = saved_usd + excluded.saved_usd,
    unpriced = unpriced + excluded.unpriced;
end;
-- Kept for 400 days: looked at whenever a row is born.
create trigger call_days_forgotten after insert on call_days begin
  delete from call_days where day < date(new.day, '-400 days');
end;
