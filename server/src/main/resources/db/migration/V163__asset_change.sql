-- One change of many assets: what is changed, of which assets, and how far it is. Assets are gone through in the order of their ids, a batch
-- in a transaction, so that whoever goes on after a crash begins after the last one that was done.
create table asset_change (
    id          text collate "C" primary key,
    scope       text,                        -- of who started it; null: all assets
    role        text not null,
    actor_kind  text not null,
    created_by  text not null,
    selection   jsonb not null,              -- selector, q, ids
    edit        jsonb not null,              -- labels, owner, region, site, lifecycle
    at_most     integer,                     -- as many as were shown before
    state       text not null,               -- running, done, stopped
    stopped     text,                        -- why it did not go on to its end
    done_to     text collate "C" not null default '', -- the last asset that was looked at
    changed     integer not null default 0,
    unchanged   integer not null default 0,
    left_out    jsonb not null default '{}', -- by reason how many
    left_sample jsonb not null default '[]',
    created_at  timestamptz not null,
    ended_at    timestamptz
);
create index asset_change_running on asset_change (id) where state = 'running';
