-- What a home said about itself when it was last asked, and how its connection stands.
create table home_links (
  home integer not null primary key,
  url text not null,
  version text not null,
  latitude real not null,
  longitude real not null,
  temperature_unit text not null,
  -- 'connected', 'refused', 'unreachable' or 'closed'.
  state text not null,
  -- Why it is not connected; null while it is.
  problem text,
  changed_at bigint not null
);

-- Up to which instant the history of a source was read. Milliseconds since the epoch.
create table home_cursors (
  home integer not null,
  source text not null,
  read_until bigint not null,
  primary key (home, source)
);

-- Spans of time of which nobody knows what happened: what lasts across one is not a duration.
create table home_gaps (
  home integer not null,
  from_at bigint not null,
  until_at bigint not null,
  -- 'purged': the home did not keep it; 'down': it did not run.
  reason text not null,
  primary key (home, from_at)
);

-- What the home's registries say: its name for people, the device it belongs to, and what it was called by the home itself.
alter table home_entities add column name text;
alter table home_entities add column device text;
alter table home_entities add column registry_id text;
