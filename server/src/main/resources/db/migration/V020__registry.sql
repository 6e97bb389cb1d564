-- Assets, their types, groups and who belonged to them when.
-- Text that is compared or ordered is collated "C": bytes, the same on every machine, and as selectors expect.

create extension if not exists pg_trgm;

-- One counter for every declared object: a version is never used twice, not even after delete and create.
create sequence resource_version;

create table asset_type (
    name             text collate "C" primary key,
    spec             json not null,                 -- not jsonb: the order of metrics is the author's
    shipped_version  integer,                       -- version of the shipped definition it came from; null: the user's own
    modified         boolean not null default false, -- changed by a user since it was shipped
    managers         jsonb not null default '{}',
    created          timestamptz not null,
    updated          timestamptz not null,
    resource_version bigint not null
);

create table asset (
    id                  text collate "C" primary key,
    type                text collate "C" not null references asset_type (name),
    labels              jsonb not null default '{}',
    owner               text collate "C" not null default '',
    region              text collate "C" not null default '',
    site                text collate "C" not null default '',
    hardware            text collate "C" not null default '',
    lifecycle           text collate "C" not null,
    presence            text collate "C" not null default 'never_seen',
    presence_since      timestamptz not null,
    last_seen           timestamptz,
    certificate_expires timestamptz,
    created             timestamptz not null,
    updated             timestamptz not null,
    resource_version    bigint not null,
    managers            jsonb not null default '{}',
    search              text generated always as (
        lower(id || ' ' || type || ' ' || owner || ' ' || region || ' ' || site || ' ' || hardware || ' ' || labels::text)) stored
) with (fillfactor = 75); -- presence changes often and is not indexed, so that the new row version stays on its page

create index asset_labels on asset using gin (labels jsonb_path_ops);
create index asset_type_of on asset (type);
create index asset_search on asset using gin (search gin_trgm_ops);

create table asset_group (
    name             text collate "C" primary key,
    description      text not null default '',
    selector         text not null,
    volatile         boolean not null,      -- membership can change by time or presence alone
    refresh_wanted   boolean not null,      -- membership is behind, after an import
    refreshed        timestamptz,
    members          integer not null default 0,
    undecided        integer not null default 0,
    managers         jsonb not null default '{}',
    created          timestamptz not null,
    updated          timestamptz not null,
    resource_version bigint not null
);

-- From joined_at (included) to left_at (excluded). No key to asset: history outlives it.
create table group_membership (
    group_name text collate "C" not null references asset_group (name) on delete cascade,
    asset_id   text collate "C" not null,
    joined_at  timestamptz not null,
    left_at    timestamptz,
    primary key (group_name, asset_id, joined_at)
);
create unique index group_membership_open on group_membership (asset_id, group_name) where left_at is null;
