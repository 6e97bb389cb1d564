-- Incidents: what people look after because something is wrong, which alerts belong to it, and what happened when.
create sequence incident_number;                     -- gaps mean nothing
create table incident (
    number          bigint primary key,
    title           text        not null,
    severity        text collate "C" not null check (severity in ('critical', 'major', 'minor')),
    state           text collate "C" not null check (state in ('open', 'acknowledged', 'mitigated', 'resolved')),
    class           text        not null,            -- name of the alert that opened it, 'manual' when a person did
    owner           text        not null,            -- empty when nobody
    opened_by       text        not null,
    evidence_at     timestamptz not null,            -- the first sign that something was wrong
    detected_at     timestamptz not null,
    notified_at     timestamptz,
    acknowledged_at timestamptz,
    acknowledged_by text,
    mitigated_at    timestamptz,
    fixed_by        text,                            -- who says that it is mended
    resolved_at     timestamptz,
    resolved_by     text,
    by_person       boolean     not null default false,  -- whether a person had a hand in it
    reopened        integer     not null default 0,
    about           jsonb       not null,            -- selectors of the assets that it is about
    assets          integer     not null,            -- those that they selected when it was last looked at
    causes          jsonb       not null,
    updated         timestamptz not null,
    check ((state = 'resolved') = (resolved_at is not null))
);
create index incident_open on incident (number) where state <> 'resolved';
create index incident_resolved on incident (resolved_at);

create table incident_alert (
    number      bigint not null references incident on delete cascade,
    fingerprint text collate "C" not null,
    labels      jsonb  not null,
    summary     text   not null,
    starts_at   timestamptz not null,
    fired_at    timestamptz not null,
    resolved_at timestamptz,
    primary key (number, fingerprint)
);
create index incident_alert_of on incident_alert (fingerprint, number);

create table incident_entry (
    number bigint  not null references incident on delete cascade,
    seq    integer not null,
    at     timestamptz not null,
    kind   text collate "C" not null,
    actor  text    not null,
    text   text    not null,
    primary key (number, seq)
);

-- What is to be done so that it does not happen again.
create table incident_action (
    number  bigint  not null references incident on delete cascade,
    id      integer not null,
    text    text    not null,
    owner   text    not null,
    due     date    not null,
    done_at timestamptz,
    done_by text,
    primary key (number, id)
);

-- Changes of the last days, to be held against the moment at which something went wrong.
create table recent_change (
    position bigint primary key,                     -- of the event log
    at       timestamptz not null,
    kind     text collate "C" not null,
    subject  text not null,
    text     text not null
);
create index recent_change_at on recent_change (at);

-- How far the event log was followed.
create table incident_position (
    one      boolean primary key default true check (one),
    position bigint not null
);
insert into incident_position (position) values (0);
