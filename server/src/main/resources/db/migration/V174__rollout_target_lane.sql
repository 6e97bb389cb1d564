-- Indexes do not hear of the steps of a change that is under way: from ordered to verifying a target stays in one lane, its new row
-- version stays on its page, and none of the table's indexes gets an entry. Every other stage is a lane of its own, and so is it in
-- every rollout: whoever looks for a lane names no other column of the key, so that PostgreSQL cannot go through the key instead, past
-- every target that is elsewhere.
alter table rollout_target add column lane bigint not null
    generated always as (rollout::bigint * 32 + case when stage between 3 and 7 then 2 else stage end) stored;
alter table rollout_target set (fillfactor = 50);

drop index rollout_target_stage;
create index rollout_target_lane on rollout_target (lane, ord);

drop index rollout_target_active;
create unique index rollout_target_active on rollout_target (asset, component)
    where lane & 31 in (2, 12, 13, 17, 19);

drop index rollout_target_alone;
create unique index rollout_target_alone on rollout_target (asset) where alone and lane & 31 = 2;
