create table similar_samples (
  namespace text primary key,
  was_right integer not null,
  was_wrong integer not null
) without rowid;
