-- Configurations that go out by rollout.

-- Contents that a configuration had, has or is to have, by their hash.
create table configuration_revision (
    configuration text collate "C" not null,
    revision      text collate "C" not null,
    config        json not null,
    created       timestamptz not null,
    primary key (configuration, revision)
);

-- Assets on a revision of their own: not reached yet, reached already, or returned. All others are on what the configuration says.
create table twin_configuration (
    asset         text collate "C" not null,
    configuration text collate "C" not null,
    revision      text collate "C" not null,
    attempt       text,                         -- the order that is to be answered; null when none is
    generation    bigint,                       -- with which the asset has the order
    primary key (asset, configuration)
);
create index twin_configuration_of on twin_configuration (configuration, revision);

alter table configuration
    add column rollout         text,                            -- key of the rollout that changes it, or changed it last and nobody since
    add column under_rollout   boolean not null default false,
    add column before_revision text;                            -- what it said before that rollout
