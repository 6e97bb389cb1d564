-- Who wrote a draft last, and who else has approved it. An approval is of the draft as it was: changed, it needs new ones.
alter table rollout add column author text;

create table rollout_approval (
    rollout integer not null,
    version bigint  not null,                    -- resource_version of the draft
    actor   text    not null,
    reason  text    not null,
    at      timestamptz not null,
    primary key (rollout, version, actor)
);
