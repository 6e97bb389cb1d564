-- What targets ended in within a time, for indicators and those who are on call. Steps on the way, four of five, need no entry.
create index rollout_step_end on rollout_step (at) where stage in (8, 9, 10, 11, 15, 17, 18, 19, 20);
drop index rollout_step_at;
