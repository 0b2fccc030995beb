-- Payloads make rows long, so the table has row ids and keys an index of their own, which a search by pattern reads alone.
create table cache_entries (
  id integer primary key,
  key text not null unique,
  created_at integer not null,
  stale_at integer not null,
  dead_at integer not null,
  used_at integer not null,
  position integer not null,
  is_error integer not null,
  size integer not null,
  tags text,
  payload blob not null
) strict;
create index cache_entries_dead on cache_entries (dead_at, size);
create index cache_entries_used on cache_entries (used_at);

create table cache_tags (
  tag text not null,
  entry integer not null references cache_entries (id) on delete cascade,
  primary key (tag, entry)
) strict, without rowid;
create index cache_tags_entry on cache_tags (entry);

-- One row: where the journal stands, and up to where it was pruned.
create table cache_state (
  id integer primary key check (id = 1),
  position integer not null,
  horizon integer not null
) strict;

-- The last invalidation of each scope in each mode.
create table cache_journal (
  mode text not null,
  kind text not null,
  scope text not null,
  position integer not null,
  primary key (mode, kind, scope)
) strict, without rowid;
create index cache_journal_position on cache_journal (position);

create table cache_links (
  dependency text not null,
  tag text not null,
  primary key (dependency, tag)
) strict, without rowid;

create table cache_leases (
  key text primary key,
  token text not null,
  taken_at integer not null,
  until integer not null
) strict, without rowid;
create index cache_leases_until on cache_leases (until);
