-- Failures are told apart by strata, such as revisions of the hardware: one that fails more often than the others stops or goes back
-- while these go on. Which stratum a target belongs to, what has become of each, and how many of each are in which stage (in waves).
alter table rollout_target add column stratum smallint not null default 0;
alter table rollout add column strata json not null default '[]';
-- Targets before this position keep the change when the rollout goes back: those of waves that have passed.
alter table rollout add column keeps integer not null default 0;
