-- How far each follower has read the event log; locked while what it reads is worked on.
create table log_follower (
    name     text primary key,
    position bigint not null
);

insert into log_follower (name, position)
select 'incidents', position from incident_position
union all
select 'runbooks', position from runbook_position
union all
select 'rollout-burn', coalesce(
    (select position from rollout_burn_progress), (select max(position) from event_log), 0);

drop table incident_position;
drop table runbook_position;
drop table rollout_burn_progress;
