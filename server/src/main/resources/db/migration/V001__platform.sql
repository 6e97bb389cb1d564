-- What happened, in two steps: writers append to event_pending in their own transactions, one sequencer at a time moves
-- what is committed to event_log and gives it a position. So positions grow in the order in which entries become visible.
create table event_pending (
    seq     bigint generated always as identity primary key,
    at      timestamptz not null default clock_timestamp(),
    type    text        not null,
    subject text        not null,
    data    jsonb       not null
);

create sequence event_position;

create table event_log (
    position bigint      primary key,
    at       timestamptz not null,
    type     text        not null,
    subject  text        not null,
    data     jsonb       not null
);

-- Retention deletes by age.
create index event_log_at on event_log (at);

-- Leases: who may act on what, until when. The fencing token grows with every change of holder, so rows stay.
create table lease (
    name       text primary key,
    holder     text        not null,
    token      bigint      not null,
    expires_at timestamptz not null
);
