-- A target that has failed returns to what it ran, as an order of its own (stage 17); assets may join a rollout that runs.
drop index rollout_target_active;
create unique index rollout_target_active on rollout_target (asset, component)
    where stage between 2 and 7 or stage in (12, 13, 17);

-- Whom the one who started it may change, a selector; null: every asset. Whoever joins has to be among them.
alter table rollout add column scope text;
