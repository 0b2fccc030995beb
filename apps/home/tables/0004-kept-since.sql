-- Where a home's history begins: what is older was forgotten to keep it within bounds, and is not stored again. Milliseconds since the epoch.
alter table homes add column kept_since bigint not null default 0;
