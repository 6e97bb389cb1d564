-- The event log: what happened, in an order that a follower can trust.
-- A reader sees an entry only when every transaction that began writing earlier has ended (docs/decisions).
create table event_log (
    position    bigint generated always as identity primary key,
    transaction xid8        not null default pg_current_xact_id(),
    at          timestamptz not null default clock_timestamp(),
    type        text        not null,
    subject     text        not null,
    data        jsonb       not null
);

-- Leases: who may act on what, until when; the fencing token grows with every change of holder.
create table lease (
    name       text primary key,
    holder     text        not null,
    token      bigint      not null,
    expires_at timestamptz not null
);
