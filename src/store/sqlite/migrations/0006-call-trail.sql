-- The stages that a call went through, as JSON; null for none.
alter table calls add column trail text;
