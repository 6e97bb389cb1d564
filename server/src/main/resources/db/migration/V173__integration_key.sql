-- Keys by which other systems raise alerts, and do nothing else. Of a key only its SHA-256 is kept.
create table integration_key (
    name       text collate "C" primary key,
    hash       bytea       not null unique,
    labels     jsonb       not null,         -- of every alert that it raises
    created    timestamptz not null,
    created_by text        not null,
    last_used  timestamptz                   -- exact to a minute
);
