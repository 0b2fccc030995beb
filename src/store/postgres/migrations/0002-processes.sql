-- Who lives on this database: by beats, in milliseconds of the database's clock.
create table processes (id text primary key, role text not null, seen_at integer not null);
