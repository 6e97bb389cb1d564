-- Targets that did not come to run the new version are ordered once more by themselves, counted apart. One that was lost is told to
-- recover (stage 19), which is a change under way. Places (sites, gateways) have limits of their own; a deadline ends the ordering.
alter table rollout_target add column retries smallint not null default 0;
alter table rollout_target add column place text;
alter table rollout add column overtime boolean not null default false;

drop index rollout_target_active;
create unique index rollout_target_active on rollout_target (asset, component)
    where stage between 2 and 7 or stage in (12, 13, 17, 19);

-- From when on the next order may go to a place by its rate, in microseconds of the rollout's own time.
create table rollout_place (
    rollout     integer not null,
    place       text    not null,
    order_at_us bigint  not null,
    primary key (rollout, place)
);
