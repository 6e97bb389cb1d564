-- Whether each asset can be reached, now. No row: never seen. No foreign key: an asset may go while its last messages are
-- still on their way.
create table asset_presence (
    asset           text primary key,
    presence        text not null check (presence in ('online', 'stale', 'offline')),
    since           timestamptz not null,
    reason          text not null,
    last_seen       timestamptz not null,
    session         text,
    reconnect_until timestamptz
);

-- Every change of it. The key makes working out the same change again harmless.
create table presence_transition (
    asset         text not null,
    at            timestamptz not null,
    from_presence text not null,
    to_presence   text not null,
    reason        text not null,
    primary key (asset, at, to_presence)
);

create index presence_transition_at on presence_transition (at);
