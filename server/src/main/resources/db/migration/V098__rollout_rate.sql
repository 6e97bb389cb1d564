-- From when on the next order may go out by the rollout's rate, in microseconds of its own time.
alter table rollout add column order_at_us bigint not null default 0;
