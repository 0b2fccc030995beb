-- What people and the configuration did, in one chain: each hash covers the row and the hash before it. Rows are never changed, nor deleted.
create table audit (
  seq integer primary key,
  at integer not null,
  actor text not null,
  action text not null,
  subject text not null,
  -- Canonical JSON (RFC 8785) of texts, whole numbers, booleans and nulls.
  data text not null,
  hash text not null
) strict;
create index audit_by_time on audit (at, seq);
create index audit_by_actor on audit (actor, at, seq);
create index audit_by_action on audit (action, at, seq);
create trigger audit_keeps_rows before update on audit begin select raise(abort, 'the audit log is never changed'); end;
create trigger audit_loses_none before delete on audit begin select raise(abort, 'nothing is deleted from the audit log'); end;
create trigger audit_has_no_gaps before insert on audit
when new.seq <> (select coalesce(max(seq), 0) + 1 from audit) begin select raise(abort, 'an audit row goes to the end of the log'); end;

-- What each process counted, a row a minute and a row an hour. Of bounded size, and deleted when it is old.
create table metrics (
  span text not null check (span in ('minute', 'hour')),
  at integer not null,
  process text not null,
  data text not null,
  -- By objective, how many were good and how many there were: looked at every minute, without the rest.
  objectives text not null,
  primary key (span, at, process)
) strict, without rowid;
