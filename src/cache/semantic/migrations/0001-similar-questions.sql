create table similar_questions (
  id text primary key,
  partition text not null,
  namespace text not null,
  prompt text not null,
  entry_id text not null,
  vector blob not null,
  created_at integer not null,
  expires_at integer not null,
  feedback text not null default '[]',
  rejected text not null default '[]'
) without rowid;

create index similar_questions_expiry on similar_questions (expires_at);
create index similar_questions_age on similar_questions (created_at);
