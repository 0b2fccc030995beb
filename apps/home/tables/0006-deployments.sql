-- Suggestions get the states of what they become in a home, and the name of who decided. The table is made anew, as its check cannot be changed.
create table home_suggestions_next (
  id text not null primary key,
  home text not null,
  rule_id text not null,
  status text not null check (status in
    ('draft', 'approved', 'rejected', 'expired', 'deploying', 'deployed', 'changed_outside', 'rolled_back', 'removed')),
  title text not null check (length(title) between 1 and 200),
  description text not null check (length(description) between 1 and 4000),
  rationale text not null check (length(rationale) between 1 and 4000),
  category text not null check (category in ('energy', 'comfort', 'security', 'convenience')),
  priority text not null check (priority in ('high', 'medium', 'low')),
  confidence real not null check (confidence between 0 and 1),
  rule text not null,
  sentence text not null,
  source text not null,
  model text not null,
  degraded text,
  run_id text not null,
  created_at bigint not null,
  decided_at bigint,
  reason text,
  decided_by text
);

insert into home_suggestions_next
  (id, home, rule_id, status, title, description, rationale, category, priority, confidence, rule, sentence, source, model, degraded,
   run_id, created_at, decided_at, reason)
  select id, home, rule_id, status, title, description, rationale, category, priority, confidence, rule, sentence, source, model, degraded,
    run_id, created_at, decided_at, reason from home_suggestions;

drop table home_suggestions;

alter table home_suggestions_next rename to home_suggestions;

create unique index home_suggestions_rule on home_suggestions (home, rule_id);
create index home_suggestions_of_home on home_suggestions (home, id);
create index home_suggestions_of_status on home_suggestions (status, id);
create index home_suggestions_of_home_status on home_suggestions (home, status, id);

-- What a person allowed, and what became of it in the home. One row for each suggestion that was ever approved.
create table home_deployments (
  suggestion text not null primary key,
  home text not null,
  -- The same for every version: what the home knows the automation by.
  automation_id text not null unique,
  -- The approval as JSON: the devices and conflicts that were allowed by name, and the edit of the home that may be overwritten.
  approval text not null,
  approved_by text not null,
  approved_at bigint not null,
  -- Set while a run is at work: only the run that bears it may write to the home.
  claim text,
  claimed_at bigint,
  claimed_for text,
  -- The version that stands in the home; 0: none.
  version integer not null default 0,
  -- What the home called the automation.
  entity_id text,
  -- Why the last try ended without success, as JSON.
  problem text,
  -- Firings and reverts are counted up to here.
  counted_until bigint not null default 0,
  -- When it was proposed to remove it; null: it was not.
  removal_proposed_at bigint,
  updated_at bigint not null
);

create index home_deployments_of_home on home_deployments (home);

-- Every version that was written to a home. Nothing is ever changed in it but that it was rolled back.
create table home_versions (
  suggestion text not null,
  version integer not null,
  config text not null,
  hash text not null,
  ha_version text not null,
  -- What stood in the home before, as JSON; null: nothing did, so undoing means removing.
  before_config text,
  approved_by text not null,
  made_at bigint not null,
  rolled_back_at bigint,
  primary key (suggestion, version)
);

-- Each time a deployed automation fired, and when somebody undid what it did.
create table home_firings (
  suggestion text not null,
  at bigint not null,
  reverted_at bigint,
  primary key (suggestion, at)
);
