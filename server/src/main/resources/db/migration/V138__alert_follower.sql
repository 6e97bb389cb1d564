-- How far followers of the event log inside of alerting have read.
create table alert_follower (
    name     text   primary key,
    position bigint not null
);
