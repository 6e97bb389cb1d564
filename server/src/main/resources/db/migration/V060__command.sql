-- Commands to assets, and runs: the same command for a selection of them.
-- No key to asset: history outlives it.
create table command_run (
    id           text collate "C" primary key,      -- UUID of version 7: ordered by birth
    name         text collate "C" not null,
    selector     text,                              -- null: what was left over of the run in retry_of
    retry_of     text collate "C",
    scope        text,                              -- of who started it; null is all assets
    parameters   jsonb       not null,
    concurrency  integer     not null check (concurrency > 0),
    max_failures integer check (max_failures >= 0), -- null: goes on whatever happens
    state        text collate "C" not null check (state in ('running', 'stopping', 'ended')),
    stopped      text,                              -- why it did not go on to its end
    assets       integer     not null,
    skipped      integer     not null,
    created_at   timestamptz not null,
    created_by   text        not null,
    deadline     timestamptz not null,              -- what is still queued then is cancelled
    ended_at     timestamptz,
    check ((state = 'ended') = (ended_at is not null))
);
-- What the worker looks after.
create index command_run_active on command_run (id) where state <> 'ended';

create table command (
    id           text collate "C" primary key,      -- UUID of version 7: ordered by birth
    asset_id     text collate "C" not null,
    asset_type   text collate "C" not null,
    run_id       text collate "C" references command_run (id),
    name         text collate "C" not null,
    parameters   jsonb       not null,
    timeout_ms   bigint      not null check (timeout_ms > 0),
    attempt      integer     not null check (attempt > 0),
    retry_of     text collate "C",
    traceparent  text        not null,
    created_at   timestamptz not null,
    created_by   text        not null,
    status       text collate "C" not null check (status in ('queued', 'pending', 'accepted', 'running', 'succeeded',
                                                              'failed', 'rejected', 'expired', 'indeterminate', 'cancelled')),
    pending_at   timestamptz,
    sent_at      timestamptz,                       -- first handed to a session of the asset
    deadline     timestamptz,
    settled_at   timestamptz,
    settled_by   text collate "C" check (settled_by in ('asset', 'deadline', 'person', 'run', 'lifecycle')),
    late         boolean     not null default false,
    contradicted text[]      not null default '{}',
    reason       text,
    detail       jsonb,
    output       text,
    check ((settled_at is null) = (settled_by is null))
);

-- What waits for an asset; and how many commands it has open.
create index command_open_of_asset on command (asset_id, id) where status in ('queued', 'pending', 'accepted', 'running');
create index command_of_asset on command (asset_id, id);
create index command_of_run on command (run_id, status, id) where run_id is not null;
create index command_retry on command (retry_of) where retry_of is not null;
-- ?status=, and the figures of what is open; most commands end well and are not in it.
create index command_by_status on command (status, id) where status <> 'succeeded';
create index command_due on command (deadline) where status in ('pending', 'accepted', 'running');
-- The success rate.
create index command_sent on command (pending_at) where pending_at is not null;

-- What was said of a command and what came of it. Bounded: a state is entered once, a contradiction kept once.
create table command_step (
    command_id  text collate "C" not null references command (id) on delete cascade,
    n           integer     not null,
    at          timestamptz not null,
    status      text collate "C" not null,
    contradicts boolean     not null,
    reason      text,
    detail      jsonb,
    primary key (command_id, n)
);
