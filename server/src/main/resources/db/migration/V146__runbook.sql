-- Runbooks: what is declared, every version of it, its runs and what each step came to.
create table runbook (
    name             text collate "C" primary key,
    spec             json        not null,           -- as it was written: the order of fields is kept
    revision         integer     not null,
    shipped_version  integer,
    managers         jsonb       not null,
    created          timestamptz not null,
    updated          timestamptz not null,
    resource_version bigint      not null,
    scheduled_at     timestamptz                     -- when its schedule started it last
);
create table runbook_revision (
    name     text collate "C" not null references runbook on delete cascade,
    revision integer     not null,
    spec     json        not null,
    at       timestamptz not null,
    actor    text        not null,
    primary key (name, revision)
);
create table runbook_run (
    id          text collate "C" primary key,        -- UUID of version 7: ordered by birth
    runbook     text collate "C" not null,           -- no key: its history outlives it
    revision    integer     not null,
    parent      text collate "C",
    depth       integer     not null,
    trigger     text collate "C" not null,           -- alert, schedule, manual, runbook
    started_by  text        not null,
    incident    bigint,
    fingerprint text collate "C",
    subject     text        not null,                -- what cool-downs are counted for
    targets     json        not null,
    spec        json        not null,                -- with every variable filled in
    phase       text collate "C" not null check (phase in ('waiting', 'running', 'succeeded', 'failed', 'indeterminate',
                                                           'stopped', 'refused')),
    cursor      json        not null,                -- section, step, attempt, and what the step is waiting for
    reason      text        not null,
    stop_by     text,
    approved_by text,
    alert_over  boolean     not null,
    toil        integer     not null,                -- seconds that it saved when it succeeded
    started_at  timestamptz not null,
    deadline    timestamptz not null,
    ended_at    timestamptz,
    look_at     timestamptz not null,
    check ((ended_at is not null) = (phase not in ('waiting', 'running')))
);
create index runbook_run_due on runbook_run (look_at, id) where ended_at is null;
create index runbook_run_of on runbook_run (runbook, id);
create index runbook_run_alert on runbook_run (fingerprint) where ended_at is null;
create index runbook_run_incident on runbook_run (incident, id);

create table runbook_line (
    run   text collate "C" not null references runbook_run on delete cascade,
    seq   integer not null,
    at    timestamptz not null,
    step  text    not null,
    what  text collate "C" not null,
    text  text    not null,
    primary key (run, seq)
);

-- How far the event log was followed.
create table runbook_position (
    one      boolean primary key default true check (one),
    position bigint not null
);
insert into runbook_position (position) values (0);
