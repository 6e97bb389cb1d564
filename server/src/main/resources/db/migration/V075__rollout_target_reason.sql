-- Pages by reason; of a million targets few have one.
create index rollout_target_reason on rollout_target (rollout, reason, ord) where reason is not null;
