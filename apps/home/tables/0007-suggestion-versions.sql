-- Suggestions can be refined and retired, have versions, and are ranked. The table is made anew, as its check cannot be changed.
create table home_suggestions_next (
  id text not null primary key,
  home text not null,
  -- The fingerprint of the habit it was made of; it stays when the rule is refined.
  rule_id text not null,
  status text not null check (status in
    ('draft', 'refined', 'approved', 'rejected', 'retired', 'expired', 'deploying', 'deployed', 'changed_outside', 'rolled_back', 'removed')),
  title text not null check (length(title) between 1 and 200),
  description text not null check (length(description) between 1 and 4000),
  rationale text not null check (length(rationale) between 1 and 4000),
  category text not null check (category in ('energy', 'comfort', 'security', 'convenience')),
  priority text not null check (priority in ('high', 'medium', 'low')),
  confidence real not null check (confidence between 0 and 1),
  -- High priority is 2, medium 1, low 0; the confidence behind it.
  rank real not null default 0,
  rule text not null,
  -- How often it was refined, and one.
  version integer not null default 1,
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
  (id, home, rule_id, status, title, description, rationale, category, priority, confidence, rank, rule, version, sentence, source, model,
   degraded, run_id, created_at, decided_at, reason, decided_by)
  select id, home, rule_id, status, title, description, rationale, category, priority, confidence,
    case priority when 'high' then 2 when 'medium' then 1 else 0 end + confidence, rule, 1, sentence, source, model, degraded, run_id,
    created_at, decided_at, reason, decided_by
  from home_suggestions;

drop table home_suggestions;

alter table home_suggestions_next rename to home_suggestions;

create unique index home_suggestions_rule on home_suggestions (home, rule_id);
create index home_suggestions_of_home on home_suggestions (home, id);
create index home_suggestions_of_status on home_suggestions (status, id);
create index home_suggestions_of_home_status on home_suggestions (home, status, id);
create index home_suggestions_by_rank on home_suggestions (rank desc, id desc);
create index home_suggestions_of_status_by_rank on home_suggestions (status, rank desc, id desc);
create index home_suggestions_of_home_by_rank on home_suggestions (home, rank desc, id desc);
create index home_suggestions_of_home_status_by_rank on home_suggestions (home, status, rank desc, id desc);

-- Every version of a suggestion that was ever refined, the first one included. Nothing is ever changed in it.
create table home_suggestion_versions (
  suggestion text not null,
  version integer not null,
  rule text not null,
  sentence text not null,
  title text not null,
  -- Who made it; null: the daily job did.
  made_by text,
  made_at bigint not null,
  -- The change as people asked for it; null: it was set on the page.
  wish text,
  -- The change as it was made, as JSON.
  edits text not null,
  primary key (suggestion, version)
);
