-- What one process of all that share the database does: the link to a home, the sensor at the broker.
create table home_leases (
  name text not null primary key,
  -- What whoever holds it is called elsewhere: a broker ends the connection of the one before.
  session text not null,
  -- The process that holds it; null: nobody.
  holder text,
  -- Raised by each taking.
  epoch bigint not null,
  -- Raised by the holder while it lives: who sees it stand still takes over, whatever the clocks of the machines say.
  beat bigint not null
);
