-- Indexes do not hear of the steps of a change that is under way: from ordered to verifying a target stays in one lane, its new row
-- version stays on its page, and none of the table's indexes gets an entry. Every other stage is a lane of its own.
alter table rollout_target add column lane smallint not null
    generated always as (case when stage between 3 and 7 then 2 else stage end) stored;
alter table rollout_target set (fillfactor = 50);

drop index rollout_target_stage;
create index rollout_target_lane on rollout_target (rollout, lane, ord);

drop index rollout_target_active;
create unique index rollout_target_active on rollout_target (asset, component)
    where lane in (2, 12, 13, 17, 19);

drop index rollout_target_alone;
create unique index rollout_target_alone on rollout_target (asset) where alone and lane = 2;
