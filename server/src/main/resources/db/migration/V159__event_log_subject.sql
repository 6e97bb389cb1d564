-- What was told of one object, in its order of time: the timeline of an asset, the times at which an alert fired.
create index event_log_subject on event_log (subject, at);
