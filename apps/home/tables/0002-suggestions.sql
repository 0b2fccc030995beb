-- One row per habit of a home. A run that mines the home writes its rules here and marks the others as not current.
create table home_patterns (
  id text not null primary key,
  home text not null,
  -- Fingerprint of the rule: the same habit found again updates its row.
  rule_id text not null,
  kind text not null,
  -- 1 for the rules of the latest run that mined the home.
  is_current integer not null,
  -- Place in that run, 0 for the strongest.
  place integer not null,
  confidence real not null,
  rule text not null,
  sentence text not null,
  run_id text not null,
  first_seen_at bigint not null,
  last_seen_at bigint not null
);

create unique index home_patterns_rule on home_patterns (home, rule_id);
create index home_patterns_current on home_patterns (is_current, confidence desc, id);
create index home_patterns_of_home on home_patterns (home, is_current, confidence desc, id);
create index home_patterns_seen on home_patterns (is_current, last_seen_at);

-- What was made of a habit and what was decided about it. Ids sort by birth.
create table home_suggestions (
  id text not null primary key,
  home text not null,
  rule_id text not null,
  status text not null check (status in ('draft', 'approved', 'rejected')),
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
  reason text
);

-- A habit gets one suggestion, ever: a second run, or the same step run again after a crash, adds nothing.
create unique index home_suggestions_rule on home_suggestions (home, rule_id);
create index home_suggestions_of_home on home_suggestions (home, id);
create index home_suggestions_of_status on home_suggestions (status, id);
create index home_suggestions_of_home_status on home_suggestions (home, status, id);
