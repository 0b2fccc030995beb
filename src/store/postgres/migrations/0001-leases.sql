-- Whose worker is gone: runs whose lease is over.
create index runs_by_lease on runs (lease_until) where status = 'running';
