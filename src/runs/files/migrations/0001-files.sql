-- What file triggers know of each file: a row is what a run was started for, or what a run wrote itself.
create table file_journal (
  automation text not null,
  folder text not null,
  name text not null,
  -- inode, size and times: whether the content has to be read again
  stat text not null,
  hash text not null,
  bytes bigint not null,
  mtime text not null,
  primary key (automation, folder, name)
);

-- Folders whose first scan came to its end.
create table file_roots (
  automation text not null,
  glob text not null,
  primary key (automation, glob)
);
