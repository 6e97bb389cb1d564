-- What assets should be and what they say they are.

create table configuration (
    name             text collate "C" primary key,
    target_asset     text collate "C",
    target_group     text collate "C",
    precedence       integer not null,
    spec             json not null,          -- not jsonb: the order of fields is the author's
    conflict         text not null check (conflict in ('enforce', 'report', 'accept')),
    local_base       json,                   -- of accepted local changes: what was desired when each was accepted, by JSON Pointer
    managers         jsonb not null default '{}',
    created          timestamptz not null,
    updated          timestamptz not null,
    resource_version bigint not null,
    check (num_nonnulls(target_asset, target_group) = 1)
);
create index configuration_of_asset on configuration (target_asset) where target_asset is not null;
create index configuration_of_group on configuration (target_group) where target_group is not null;

-- Documents that many assets share, each stored once. Referred to by id without a foreign key: one that nothing refers to is
-- deleted when it has not been used for a day.
create table twin_text (
    id   bigint generated always as identity primary key,
    hash text collate "C" not null unique,
    body text not null,
    used timestamptz not null
);

-- Whose desired document has to be worked out again. Rows are only added and deleted, so that marking never waits.
-- asset: one; group, type: all of them; changed: all assets that are newer than their document.
create table twin_mark (
    seq     bigint generated always as identity primary key,
    kind    text not null check (kind in ('asset', 'group', 'type', 'changed')),
    name    text collate "C" not null,
    reason  text not null,
    reapply boolean not null default false   -- a new generation even when nothing else changes
);
create index twin_mark_wide on twin_mark (seq) where kind <> 'asset';

-- The baseline of each type as it was last looked at.
create table twin_baseline (
    type text collate "C" primary key,
    hash text not null
);

-- One row per asset; it outlives the asset, so that generations never come twice.
create table twin_desired (
    asset         text collate "C" primary key,
    generation    bigint not null,            -- 0: nothing was ever desired
    content       bigint,                     -- of twin_text; null: nothing is desired
    origins       bigint,                     -- of twin_text
    changed       timestamptz not null,
    reason        text not null,
    asset_version bigint not null,            -- of the asset that it was worked out for
    problem       text                        -- why the document stands still
) with (fillfactor = 80);

create table twin_desired_history (
    asset      text collate "C" not null,
    generation bigint not null,
    at         timestamptz not null,
    content    bigint,
    reason     text not null,
    primary key (asset, generation)
);

-- Versions that rollouts assign.
create table twin_software (
    asset     text collate "C" not null,
    component text collate "C" not null,
    version   text not null,
    attempt   text,
    target    text,
    url       text,
    sha256    text,
    size      bigint,
    origin    text not null,
    primary key (asset, component)
);

-- The last report of each asset, and how it compares.
create table twin_reported (
    asset               text collate "C" primary key,
    journal_offset      bigint not null,
    generation          bigint,
    ts                  bigint,                -- by the asset's clock
    received            timestamptz not null,
    boot_id             text,
    past_boots          text[] not null default '{}',
    config              json not null,
    software            jsonb not null,
    updates             jsonb not null,
    rejected_generation bigint,
    rejected_reason     text,
    hash                text not null,         -- of what the report says, without its times
    session_at          timestamptz,           -- when the newest session opened: a report from before is stale
    drift               json not null default '[]',
    drift_count         integer not null default 0,
    under_way           integer not null default 0,  -- components that change right now
    compared            bigint,                -- the generation that drift was looked for in
    since               timestamptz not null,  -- when the outcome of the comparison last changed
    ignored             bigint not null default 0,
    ignored_reason      text
) with (fillfactor = 75);

create table twin_reported_history (
    asset          text collate "C" not null,
    journal_offset bigint not null,
    received       timestamptz not null,
    ts             bigint,
    generation     bigint,
    boot_id        text,
    report         json not null,
    drift_count    integer not null,
    primary key (asset, journal_offset)
);

-- Assets that the reconciliation looks after.
create table twin_reconcile (
    asset       text collate "C" primary key,
    due         timestamptz,                   -- null: nothing to do until something is heard
    attempts    integer not null default 0,
    episode     timestamptz not null,          -- since when attempts are counted
    synced      timestamptz,                   -- since when it is in sync, as of its newest report; null: it is not
    stalled     text,
    last_action text,
    last_at     timestamptz
) with (fillfactor = 75);
create index twin_reconcile_due on twin_reconcile (due) where due is not null;
create index twin_reconcile_open on twin_reconcile (asset) where synced is null;

-- What was decided without anybody being asked, with what was known then.
create table twin_decision (
    id         bigint generated always as identity primary key,
    asset      text collate "C" not null,
    at         timestamptz not null,
    action     text not null,
    generation bigint not null,
    inputs     jsonb not null,
    outcome    text not null
);
create index twin_decision_asset on twin_decision (asset, id desc);
create index twin_decision_at on twin_decision (at);
