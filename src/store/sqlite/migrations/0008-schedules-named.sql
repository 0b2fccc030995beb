-- How often processes that live have named a schedule: one whose number stands still belongs to nobody.
alter table schedules add column named integer not null default 0;
