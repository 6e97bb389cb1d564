-- An asset has one change under way, of whatever component. Rollouts look before they order; where two of them order in the same
-- moment, on two servers, this index lets one, and the other repeats its round. It holds orders to change only (ordered … verifying):
-- going back to a previous version waits for no other change, and of one component rollout_target_active keeps it apart as before.
-- Changes that are under way when this runs were ordered by component, and one asset may have two: they are not in the index, and those
-- who look see them.
alter table rollout_target add column alone boolean not null default false;
create unique index rollout_target_alone on rollout_target (asset) where alone and stage between 2 and 7;
