-- What was spent of each budget in its period.
create table call_budgets (
  account text primary key,
  spent real not null,
  ends_at integer not null
) strict, without rowid;

-- The part of the output that was thought and not said.
alter table calls add column reasoning_tokens integer not null default 0;
