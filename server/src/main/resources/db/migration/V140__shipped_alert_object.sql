-- Set while an object is as it was shipped: a newer version replaces it. Null as soon as somebody changed it.
alter table alert_object add column shipped_version integer;
