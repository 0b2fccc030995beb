-- Rows leave the log only behind an entry in its own chain that says so: `audit.archive` of `audit:SEQ` names the last of them.
drop trigger audit_loses_none;
create trigger audit_loses_none before delete on audit
when not exists (
  select 1 from audit
  where action = 'audit.archive'
    and case when action = 'audit.archive' then cast(substr(subject, 7) as bigint) else 0 end >= old.seq
) begin select raise(abort, 'nothing is deleted from the audit log but what an entry of it says is archived'); end;
