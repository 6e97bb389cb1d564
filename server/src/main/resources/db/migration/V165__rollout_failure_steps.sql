-- What failed is still asked for when it has gone back long since; the stages are those that a gate counts as failed.
create index rollout_step_failure on rollout_step (rollout, ord, at) where stage in (9, 17, 18, 19, 20);
