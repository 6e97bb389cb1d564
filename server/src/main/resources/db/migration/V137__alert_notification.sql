-- Silences, groups that are told together, the outbox of notifications, and why somebody was told or not.
create table alert_silence (
    id         text collate "C" primary key,   -- UUID of version 7
    matchers   jsonb       not null,
    starts_at  timestamptz not null,
    ends_at    timestamptz not null,
    created_by text        not null,
    comment    text        not null,
    updated    timestamptz not null
);

create index alert_silence_end on alert_silence (ends_at);

create table alert_group (
    key        text collate "C" primary key,
    route      text        not null,
    receiver   text        not null,
    labels     jsonb       not null,
    due        timestamptz not null,
    told       jsonb       not null,           -- fingerprints that the receiver was told fire
    last_told  timestamptz,
    first_told timestamptz,
    sequence   bigint      not null,           -- of the newest notification
    escalated  integer     not null
);

create table alert_notification (
    id           text collate "C" primary key, -- a hash of group, sequence and channel: the same whenever it is worked out
    receiver     text        not null,
    recipient    text        not null,         -- the person or the address, as people know it
    channel      jsonb       not null,         -- with names of secrets, never with secrets
    content      jsonb       not null,
    fingerprints text[]      not null,
    state        text        not null check (state in ('waiting', 'delivered', 'failed')),
    attempts     integer     not null,
    due          timestamptz not null,
    created      timestamptz not null,
    finished     timestamptz,
    error        text        not null
);

create index alert_notification_due on alert_notification (due) where state = 'waiting';
create index alert_notification_created on alert_notification (created desc, id desc);
create index alert_notification_alerts on alert_notification using gin (fingerprints);

-- Each step of what was decided about an alert, when it changed.
create table alert_decision (
    id          bigint generated always as identity primary key,
    at          timestamptz not null,
    fingerprint text collate "C" not null,
    group_key   text        not null,
    route       text        not null,
    receiver    text        not null,
    outcome     text        not null,
    asked       jsonb       not null           -- the routes that were looked at, and which matcher did not match
);

create index alert_decision_alert on alert_decision (fingerprint, id);
create index alert_decision_at on alert_decision (at);

-- Secrets of receivers, encrypted with a key that is not in the database.
create table alert_secret (
    name       text collate "C" primary key,
    sealed     bytea       not null,
    updated    timestamptz not null,
    updated_by text        not null
);

create table alert_on_call_override (
    id         text collate "C" primary key,
    schedule   text        not null,
    person     text        not null,
    starts_at  timestamptz not null,
    ends_at    timestamptz not null,
    created_by text        not null,
    created    timestamptz not null
);

create index alert_on_call_override_schedule on alert_on_call_override (schedule, ends_at);
