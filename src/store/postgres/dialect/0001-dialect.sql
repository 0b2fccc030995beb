-- Functions of SQLite that Postgres lacks, so that the same statements run on both. They stand at the end of the search path.
create schema millrace;

-- Milliseconds since the epoch by the clock of the database, which all workers share. Tests set another one with `millrace.now`.
create function millrace.millrace_now() returns bigint language sql volatile as $$
  select coalesce(nullif(current_setting('millrace.now', true), '')::bigint, (extract(epoch from clock_timestamp()) * 1000)::bigint)
$$;

create function millrace.json_each(json text, out key text, out value text) returns setof record language sql immutable strict as $$
  select (item.place - 1)::text, item.value from json_array_elements_text(json::json) with ordinality as item (value, place)
$$;

create function millrace.iif(boolean, anycompatible, anycompatible) returns anycompatible language sql immutable as $$
  select case when $1 then $2 else $3 end
$$;

create function millrace.max(anycompatible, anycompatible) returns anycompatible language sql immutable strict as $$
  select greatest($1, $2)
$$;

create function millrace.min(anycompatible, anycompatible) returns anycompatible language sql immutable strict as $$
  select least($1, $2)
$$;

create function millrace.ifnull(anycompatible, anycompatible) returns anycompatible language sql immutable as $$
  select coalesce($1, $2)
$$;

-- `date(seconds, 'unixepoch')`: the day in UTC as YYYY-MM-DD.
create function millrace.date(numeric, text) returns text language sql immutable strict as $$
  select to_char(to_timestamp($1) at time zone 'UTC', 'YYYY-MM-DD')
$$;
create function millrace.date(bigint, text) returns text language sql immutable strict as $$
  select millrace.date($1::numeric, $2)
$$;

create function millrace.add_up(double precision, double precision) returns double precision language sql immutable as $$
  select $1 + coalesce($2, 0)
$$;
create aggregate millrace.total(double precision) (sfunc = millrace.add_up, stype = double precision, initcond = 0);

-- Holds nothing: writes that met others lock it, and so take turns.
create table millrace.turns ();
