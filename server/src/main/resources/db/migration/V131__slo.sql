-- Objectives, indicators and services as people declare them (OpenSLO), and the alerts on budgets that burn.
create table slo_object (
    kind             text collate "C" not null check (kind in ('SLO', 'SLI', 'Service')),
    name             text collate "C" not null,
    document         json not null,              -- metadata (labels, annotations, displayName) and spec
    managers         jsonb not null default '{}',
    created          timestamptz not null,
    updated          timestamptz not null,
    resource_version bigint not null,
    primary key (kind, name)
);

-- One row for each time that a budget burned too fast; open while ended is null.
create table slo_burn (
    id       bigint generated always as identity primary key,
    slo      text collate "C" not null,
    alert    text collate "C" not null,
    severity text not null,
    began    timestamptz not null,
    ended    timestamptz,
    burn     double precision not null,          -- the newest over the long window, in multiples of the allowed rate
    peak     double precision not null,
    why      text not null
);
create unique index slo_burn_open on slo_burn (slo, alert) where ended is null;
create index slo_burn_of on slo_burn (slo, began);

-- Up to where rollouts have followed the event log.
create table rollout_burn_progress (
    only_one boolean primary key default true check (only_one),
    position bigint not null
);
