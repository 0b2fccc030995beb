-- A home and the zone of its clocks, which is fixed when its first events come in.
create table homes (
  key integer not null primary key,
  name text not null unique,
  timezone text not null,
  -- 1 for the made-up home.
  is_sample integer not null,
  created_at bigint not null
);

-- What a home's events are about. Events name it by its key, which is a tenth as long.
create table home_entities (
  key integer not null primary key,
  home integer not null,
  id text not null,
  area text,
  device_class text
);

create unique index home_entities_id on home_entities (home, id);

-- State changes. The unique index is their natural key, so that reading a file again changes nothing, and their order in time.
create table home_events (
  home integer not null,
  -- Milliseconds since the epoch, UTC.
  at bigint not null,
  entity integer not null,
  state text not null,
  -- Place in the program's list of causes.
  cause integer not null
);

create unique index home_events_in_time on home_events (home, at, entity, state);
create index home_events_of_entity on home_events (entity, at, state);

-- How far each event file was read, so that only what is new in it is read the next time.
create table home_sources (
  home integer not null,
  path text not null,
  -- What could be seen of the file from outside when it was last read.
  stamp text not null,
  -- Where to go on, in the words of the file's layout; empty: at the start.
  mark text not null,
  -- Events and malformed lines before the mark.
  events integer not null,
  skipped integer not null,
  -- A last line that had no end yet: its events as JSON, and whether it was malformed.
  tail text not null,
  tail_skipped integer not null,
  -- The first malformed lines as JSON.
  first_skipped text not null,
  read_at bigint not null,
  primary key (home, path)
);
